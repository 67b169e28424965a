"""What publishing can be told by its environment, beside what every service can be told."""

from pathlib import Path

from pydantic import Field

from contracts.reference import TOPIC_AREAS_FILE, UNITS_FILE, Reference, read_reference
from services.chassis.settings import Settings as ChassisSettings
from services.publishing.matrix.previews import BoardProfile


class Settings(ChassisSettings):
    """The settings of publishing."""

    news_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s/@]+(/[^\s]*)?)?$",
        description="Where readers reach the built-in news site; empty: the room's own address in ROOM_URLS",
    )
    school_name: str = Field(
        default="Trường Đại học Công nghệ Kỹ thuật", description="The school's name on public pages"
    )
    school_name_en: str = Field(default="University of Technology and Engineering", description="The same in English")
    board_pixels: str = Field(
        default="512x256",
        pattern=r"^[1-9]\d{1,3}x[1-9]\d{1,3}$",
        description="Width and height of the school's electronic board, for the preview of a headline on it",
    )
    board_characters: int = Field(
        default=120, ge=10, le=1000, description="How long a headline the electronic board takes"
    )
    units_file: Path = Field(default=UNITS_FILE, description="The units of the school")
    topic_areas_file: Path = Field(default=TOPIC_AREAS_FILE, description="The topic areas of the school")

    def own_url(self) -> str:
        """The address of this room, without a slash at its end."""
        return self.room_urls["publishing"].rstrip("/")

    def public_url(self) -> str:
        """The address under which the public reaches the news site, without a slash at its end."""
        return self.news_url.rstrip("/") or self.own_url()

    def board_profile(self) -> BoardProfile:
        """What the electronic board can show."""
        width, height = map(int, self.board_pixels.split("x"))
        return BoardProfile(width, height, self.board_characters)

    def reference(self) -> Reference:
        """The reference data; raises ValueError naming the fault of a file."""
        return read_reference(self.units_file, self.topic_areas_file)
