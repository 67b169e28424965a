"""What approval can be told by its environment, beside what every service can be told."""

from pathlib import Path

from pydantic import Field, SecretStr

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
    sign_in_tries: int = Field(
        default=5, ge=1, le=100, description="Wrong passwords before a pause, per account and address"
    )

    def rules(self) -> Rules:
        """The versioned data of reviews; raises ValueError naming the fault of a file."""
        matrix = Matrix.model_validate_json(self.authority_file.read_bytes())
        return Rules(matrix, RectorSchedule.model_validate_json(self.schedule_file.read_bytes()))
