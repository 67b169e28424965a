"""What reporting can be told by its environment, beside what every service can be told."""

from pathlib import Path

from pydantic import Field, TypeAdapter

from contracts.reference import TOPIC_AREAS_FILE, UNITS_FILE, Reference, read_reference
from services.chassis.settings import Settings as ChassisSettings
from services.reporting.documents.letterhead import Letterhead, read_letterheads
from services.reporting.school_years import GivenDates

HERE = Path(__file__).parent
SCHOOL_YEARS = HERE / "data" / "school_years.json"
LETTERHEADS = HERE / "documents" / "data" / "letterheads.json"


class Settings(ChassisSettings):
    """The settings of reporting."""

    units_file: Path = Field(default=UNITS_FILE, description="The units of the school")
    topic_areas_file: Path = Field(default=TOPIC_AREAS_FILE, description="The topic areas of the school")
    school_years_file: Path = Field(default=SCHOOL_YEARS, description="Dates that are not the defaults (A18, R05, A21)")
    letterheads_file: Path = Field(default=LETTERHEADS, description="School and office on documents, valid from and to")

    def reference(self) -> Reference:
        """The reference data; raises ValueError naming the fault of a file."""
        return read_reference(self.units_file, self.topic_areas_file)

    def given_dates(self) -> GivenDates:
        """The school years with dates of their own; raises ValueError naming the fault of the file."""
        return TypeAdapter(GivenDates).validate_json(self.school_years_file.read_bytes())

    def letterheads(self) -> tuple[Letterhead, ...]:
        """The names that documents are headed with; raises ValueError naming the fault of the file."""
        return read_letterheads(self.letterheads_file.read_bytes())
