"""What publishing can be told by its environment, beside what every service can be told."""

from pydantic import Field

from services.chassis.settings import Settings as ChassisSettings


class Settings(ChassisSettings):
    """The settings of publishing."""

    news_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s/@]+(/[^\s]*)?)?$",
        description="Where readers reach the built-in news site; empty: the room's own address in ROOM_URLS",
    )

    def public_url(self) -> str:
        """The address under which the public reaches this room, without a slash at its end."""
        return (self.news_url or self.room_urls["publishing"]).rstrip("/")
