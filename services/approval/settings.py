"""What approval can be told by its environment, beside what every service can be told."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from contracts.reference import TOPIC_AREAS_FILE, UNITS_FILE, Reference, read_reference
from services.approval.accounts import FIRST, PASSWORD_CHARACTERS, check_password
from services.approval.authority import Matrix, RectorSchedule
from services.approval.decisions import Rules
from services.chassis.settings import Settings as ChassisSettings

DATA = Path(__file__).parent / "data"


class Settings(ChassisSettings):
    """The settings of approval."""

    admin_password: SecretStr = Field(
        default=SecretStr(""),
        description="Password of the first account 'admin'; empty: a random one is made and printed once",
    )
    authority_file: Path = Field(default=DATA / "authority.json", description="The authority matrix in force")
    schedule_file: Path = Field(default=DATA / "rector_schedule.json", description="The Rector's schedule in force")
    units_file: Path = Field(default=UNITS_FILE, description="The units of the school")
    topic_areas_file: Path = Field(default=TOPIC_AREAS_FILE, description="The topic areas of the school")
    sign_in_tries: int = Field(
        default=5, ge=1, le=100, description="Wrong passwords before a pause, per account and address"
    )

    @model_validator(mode="after")
    def _first_password_is_a_password(self) -> Self:
        given = self.admin_password.get_secret_value()
        if given and check_password(given, FIRST):
            message = (
                f"ADMIN_PASSWORD is too weak: give at least {PASSWORD_CHARACTERS} characters, without the word "
                f"'{FIRST}', or leave it out for a random one"
            )
            raise ValueError(message)
        return self

    def rules(self) -> Rules:
        """The versioned data of reviews; raises ValueError naming the fault of a file."""
        matrix = Matrix.model_validate_json(self.authority_file.read_bytes())
        return Rules(matrix, RectorSchedule.model_validate_json(self.schedule_file.read_bytes()))

    def reference(self) -> Reference:
        """The reference data; raises ValueError naming the fault of a file."""
        return read_reference(self.units_file, self.topic_areas_file)
