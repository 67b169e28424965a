"""`python -m deploy.demo`: walks the seeded school year through running rooms and prints the report's address."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from deploy.demo.rooms import CallRefused, Rooms
from deploy.demo.story import SCHOOL_YEAR, tell
from deploy.demo.walk import BEGIN, PEOPLE, Walk

PASSWORD = "tuyen-truyen-demo"


def say(text: str) -> None:
    """Print one line at once."""
    print(text, flush=True)


def walk(seed: int) -> int:
    """Walk the year; 0 when the report is issued, 1 with the reason when it is not."""
    began = time.monotonic()
    rooms = Rooms(json.loads(os.environ["ROOM_URLS"]))
    clock = Path(os.environ["CLOCK_FILE"])
    year = Walk(rooms, clock, seed=seed, password=PASSWORD)
    year.step(BEGIN)
    say("Mở tài khoản và khóa của ba hệ thống nguồn")
    year.open_accounts(os.environ["ADMIN_PASSWORD"])
    say("Lập kế hoạch, trình, bị trả lại một lần, trình lại, phòng duyệt, Ban Giám hiệu duyệt")
    year.agree_on_the_plan()
    acts = tell(seed)
    say(f"Năm học {SCHOOL_YEAR}: {len(acts)} việc, từ {acts[0].at:%d/%m/%Y} đến {acts[-1].at:%d/%m/%Y}")
    year.live(acts, say)
    say("Chờ mọi bước xử lý xong, rồi phát hành báo cáo")
    issued = year.close_the_year()
    row = year.compliance()["rows"][0]
    rate = row["on_time"]
    say("")
    say(f"Báo cáo:         {rooms.urls['reporting']}/reports/{SCHOOL_YEAR}")
    say(f"Tỷ lệ đúng hạn:  {100 * rate['numerator'] / rate['denominator']:.1f} %".replace(".", ",")
        + f"  ({rate['numerator']}/{rate['denominator']}; {row['counts']})")  # fmt: skip
    say(f"Mã băm báo cáo:  {issued['digest']}")
    say(f"Đăng nhập:       {', '.join(PEOPLE)}; mật khẩu {PASSWORD}")
    say(f"Thời gian:       {time.monotonic() - began:.0f} giây; hạt giống {seed}")
    return 0


def main() -> int:
    """Read the command line, walk, and turn a refusal into one clear line."""
    parser = argparse.ArgumentParser(prog="make demo", description="Đi trọn một năm học qua năm bước.")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED", "2026")))
    given = parser.parse_args()
    try:
        return walk(given.seed)
    except (CallRefused, TimeoutError) as error:
        print(f"\nDừng lại: {error}\nXem nhật ký: make logs", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
