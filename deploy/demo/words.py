"""The words of the demo's school year: units, occasions and places; invented, and never a real person's name."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Occasion:
    """A kind of event: title with {n} and {place}, the unit that holds it, topic area, source system, tier."""

    title: str
    unit: str
    topic_area: str
    source: str
    tier: str = "ROUTINE"


SIS, RESEARCH, YOUTH, DESK = "/sis", "/research", "/youth", "desk"

OCCASIONS = (
    Occasion("Sinh hoạt công dân đầu năm học, đợt {n}", "CTSV", "SINH_VIEN", SIS),
    Occasion("Lễ trao học bổng khuyến khích học tập đợt {n}", "CTSV", "SINH_VIEN", SIS),
    Occasion("Hội thảo định hướng nghề nghiệp ngành Cơ điện tử, kỳ {n}", "K_CK", "DAO_TAO", SIS),
    Occasion("Tham quan doanh nghiệp của sinh viên Khoa Điện – Điện tử, đợt {n}", "K_DDT", "DOANH_NGHIEP", SIS),
    Occasion("Bảo vệ đồ án tốt nghiệp Khoa Xây dựng, đợt {n}", "K_XD", "DAO_TAO", SIS),
    Occasion("Tọa đàm Kỹ năng phỏng vấn cùng cựu sinh viên, số {n}", "CTSV", "SINH_VIEN", SIS),
    Occasion("Ngày hội việc làm Kỹ thuật lần {n}", "QHDN", "DOANH_NGHIEP", SIS, "MAJOR"),
    Occasion("Seminar Trí tuệ nhân tạo trong sản xuất, số {n}", "K_CNTT", "KHOA_HOC", RESEARCH),
    Occasion("Hội thảo Năng lượng tái tạo và lưới điện, phiên {n}", "K_DDT", "KHOA_HOC", RESEARCH),
    Occasion("Nghiệm thu đề tài khoa học cấp trường, đợt {n}", "KHCN", "KHOA_HOC", RESEARCH),
    Occasion("Hội nghị khoa học sinh viên, tiểu ban {n}", "KHCN", "KHOA_HOC", RESEARCH),
    Occasion("Hội thảo quốc tế về vật liệu bền vững, phiên {n}", "KHCN", "KHOA_HOC", RESEARCH, "MAJOR"),
    Occasion("Ký kết hợp tác đào tạo nhân lực bán dẫn, lần {n}", "QHDN", "DOANH_NGHIEP", RESEARCH, "MAJOR"),
    Occasion("Hiến máu nhân đạo đợt {n}", "DOAN_HOI", "DOAN_THE", YOUTH),
    Occasion("Ra mắt câu lạc bộ Vi mạch, buổi {n}", "DOAN_HOI", "DOAN_THE", YOUTH),
    Occasion("Chung kết Robot sinh viên, bảng {n}", "DOAN_HOI", "SINH_VIEN", YOUTH),
    Occasion("Giải bóng đá sinh viên, vòng {n}", "DOAN_HOI", "SINH_VIEN", YOUTH),
    Occasion("Chiến dịch Chủ nhật xanh lần {n}", "DOAN_HOI", "DOAN_THE", YOUTH),
    Occasion("Đêm nhạc gây quỹ học bổng, số {n}", "DOAN_HOI", "DOAN_THE", YOUTH),
    Occasion("Đón tiếp đoàn đại học đối tác Nhật Bản, lần {n}", "QHQT", "HOP_TAC", DESK),
    Occasion("Hội nghị viên chức, người lao động khối {n}", "TCHC", "DOAN_THE", DESK),
    Occasion("Tập huấn phòng cháy chữa cháy, lớp {n}", "TCHC", "DAO_TAO", DESK),
    Occasion("Giao lưu tiếng Anh cùng sinh viên quốc tế, buổi {n}", "K_NN", "HOP_TAC", DESK),
)

PLACES = ("Hội trường lớn", "Phòng hội thảo A", "Sân trung tâm", "Thư viện", "Xưởng thực hành", "Nhà thi đấu")


@dataclass(frozen=True)
class Focal:
    """A focal milestone of the plan: local dates and hours."""

    item_id: str
    title: str
    starts: str
    ends: str
    topic_area: str
    unit: str


FOCALS = (
    Focal("focal-khai-giang", "Lễ khai giảng năm học 2025–2026", "2025-09-22T07:30", "2025-09-22T10:30",
          "DAO_TAO", "TCHC"),
    Focal("focal-nha-giao", "Lễ kỷ niệm Ngày Nhà giáo Việt Nam 20/11", "2025-11-20T07:30", "2025-11-20T11:15",
          "DOAN_THE", "TCHC"),
    Focal("focal-hoc-sinh-sinh-vien", "Ngày truyền thống học sinh, sinh viên 09/01", "2026-01-09T14:00",
          "2026-01-09T17:00", "SINH_VIEN", "DOAN_HOI"),
    Focal("focal-tu-van-tuyen-sinh", "Ngày hội tư vấn tuyển sinh 2026", "2026-03-14T07:30", "2026-03-15T16:30",
          "TUYEN_SINH", "CTSV"),
    Focal("focal-thong-nhat", "Chào mừng ngày 30/4 và 01/5", "2026-04-29T08:00", "2026-04-29T11:00",
          "DOAN_THE", "DOAN_HOI"),
    Focal("focal-tot-nghiep", "Lễ trao bằng tốt nghiệp 2026", "2026-07-18T07:30", "2026-07-18T11:30",
          "DAO_TAO", "TCHC"),
)  # fmt: skip

RETURN_NOTE = "Bổ sung nhóm cộng tác viên cho kênh báo chí và nêu rõ mục tiêu của bảng điện tử."
WAIVER_REASON = "Trùng nội dung với tin tổng hợp cuối tháng đã đăng."
CANCEL_REASON = "Hoãn không thời hạn do thời tiết."
NEWS_TEXT = (
    "Sự kiện diễn ra đúng kế hoạch, với sự tham gia của đông đảo viên chức và sinh viên. "
    "Ban tổ chức đã giới thiệu các nội dung chính, trao đổi cùng người tham dự và ghi nhận nhiều ý kiến đóng góp."
)

# item of the plan, channel, title, first day, days between two
ROUTINE_NEWS = (
    ("routine-tin-web", "VI_WEB", "Điểm tin tuần {n}", date(2025, 9, 8), 7),
    ("routine-ban-tin-noi-bo", "INTERNAL_WEB", "Bản tin nội bộ số {n}", date(2025, 9, 5), 30),
)
