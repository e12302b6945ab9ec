"""What panels sell, as data: platforms, offers, grades, and the words for them in four languages.

Prices are dollars for 1,000 (for one where the type is a package), near what such panels ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """One kind of service on one platform, before grades and panels make rows of it."""

    noun: str
    price: str
    minimum: int
    maximum: int
    type: str = "Default"
    drops: bool = False  # it fades, so refills are sold with it


@dataclass(frozen=True, slots=True)
class Grade:
    """A quality or an origin: a factor on the price and a name per language (en, th, tr, vi)."""

    factor: str
    names: tuple[str, str, str, str]


LANGUAGES = ("en", "th", "tr", "vi")

EMOJI: Mapping[str, str] = {
    "Instagram": "📸", "TikTok": "🎵", "YouTube": "▶️", "Facebook": "👍", "Telegram": "✈️", "X/Twitter": "🐦",
    "Spotify": "🎧", "Twitch": "🎮", "LinkedIn": "💼", "Threads": "🧵", "Discord": "💬", "Shopee": "🛒",
    "Website": "🌐",
}  # fmt: skip

PLATFORMS: Mapping[str, tuple[Offer, ...]] = {
    "Instagram": (
        Offer("likes", "0.22", 10, 100_000),
        Offer("followers", "0.95", 10, 500_000, drops=True),
        Offer("views", "0.03", 100, 10_000_000),
        Offer("story views", "0.09", 20, 40_000),
        Offer("saves", "0.12", 10, 50_000),
        Offer("comments", "7.50", 5, 2_000, "Custom Comments"),
        Offer("comments pack", "1.40", 1, 1, "Custom Comments Package"),
        Offer("comment likes", "1.30", 20, 5_000, "Comment Likes"),
        Offer("comment replies", "9.00", 5, 500, "Comment Replies"),
        Offer("mentions", "3.60", 100, 50_000, "Mentions User Followers"),
        Offer("likers mentions", "3.90", 100, 50_000, "Mentions Media Likers"),
        Offer("list mentions", "4.20", 50, 20_000, "Mentions Custom List"),
        Offer("auto likes", "0.30", 20, 20_000, "Subscriptions"),
        Offer("auto views", "0.06", 100, 100_000, "Subscriptions"),
        Offer("starter pack", "4.90", 1, 1, "Package"),
    ),
    "TikTok": (
        Offer("views", "0.02", 100, 50_000_000),
        Offer("likes", "0.35", 10, 200_000, drops=True),
        Offer("followers", "1.45", 10, 200_000, drops=True),
        Offer("shares", "0.18", 50, 100_000),
        Offer("comments", "8.20", 5, 1_000, "Custom Comments"),
        Offer("live viewers", "5.20", 20, 10_000),
        Offer("auto views", "0.05", 500, 1_000_000, "Subscriptions"),
    ),
    "YouTube": (
        Offer("views", "1.60", 100, 1_000_000, drops=True),
        Offer("likes", "0.85", 10, 100_000, drops=True),
        Offer("subscribers", "9.80", 50, 50_000, drops=True),
        Offer("comments", "11.00", 5, 1_000, "Custom Comments"),
        Offer("comment likes", "1.10", 10, 10_000, "Comment Likes"),
        Offer("ranking", "6.40", 100, 20_000, "SEO"),
        Offer("live viewers", "3.30", 50, 20_000),
        Offer("watch hours pack", "18.00", 1, 1, "Package"),
    ),
    "Facebook": (
        Offer("page likes", "1.30", 50, 100_000, drops=True),
        Offer("post likes", "0.40", 20, 50_000),
        Offer("followers", "0.75", 50, 200_000, drops=True),
        Offer("video views", "0.14", 100, 5_000_000),
        Offer("comments", "6.80", 5, 1_000, "Custom Comments"),
        Offer("group members", "1.80", 100, 100_000, drops=True),
        Offer("event invites", "4.40", 100, 10_000, "Invites from Groups"),
    ),
    "Telegram": (
        Offer("members", "0.80", 10, 200_000, drops=True),
        Offer("post views", "0.04", 50, 1_000_000),
        Offer("reactions", "0.15", 10, 100_000),
        Offer("poll votes", "0.90", 10, 50_000, "Poll"),
        Offer("auto views", "0.08", 50, 100_000, "Subscriptions"),
        Offer("group invites", "3.20", 100, 20_000, "Invites from Groups"),
    ),
    "X/Twitter": (
        Offer("followers", "2.40", 20, 100_000, drops=True),
        Offer("likes", "1.25", 20, 50_000),
        Offer("retweets", "1.70", 20, 50_000),
        Offer("post views", "0.05", 100, 10_000_000),
        Offer("poll votes", "1.40", 50, 50_000, "Poll"),
        Offer("mentions", "5.10", 100, 20_000, "Mentions"),
        Offer("hashtag mentions", "5.60", 100, 20_000, "Mentions with Hashtags"),
        Offer("tag mentions", "4.70", 100, 20_000, "Mentions Hashtag"),
    ),
    "Spotify": (
        Offer("plays", "0.55", 500, 5_000_000),
        Offer("followers", "0.90", 20, 100_000, drops=True),
        Offer("saves", "0.70", 20, 100_000),
        Offer("monthly listeners", "2.10", 500, 500_000),
    ),
    "Twitch": (
        Offer("followers", "1.10", 10, 50_000, drops=True),
        Offer("live viewers", "4.60", 10, 5_000),
        Offer("clip views", "0.30", 50, 500_000),
    ),
    "LinkedIn": (
        Offer("followers", "8.60", 50, 20_000, drops=True),
        Offer("likes", "7.20", 20, 5_000),
        Offer("comments", "24.00", 5, 200, "Custom Comments"),
    ),
    "Threads": (Offer("followers", "2.00", 20, 50_000, drops=True), Offer("likes", "0.90", 20, 50_000)),
    "Discord": (Offer("members", "3.10", 50, 20_000, drops=True),),
    "Shopee": (Offer("followers", "0.70", 50, 50_000, drops=True), Offer("likes", "0.60", 50, 50_000)),
    "Website": (
        Offer("traffic", "0.45", 100, 1_000_000, "Web Traffic"),
        Offer("search ranking", "2.60", 100, 50_000, "SEO"),
    ),
}

NOUNS: Mapping[str, tuple[str, str, str, str]] = {
    "auto likes": ("Auto Likes", "ถูกใจอัตโนมัติ", "Otomatik Beğeni", "Tự động tăng like"),
    "auto views": ("Auto Views", "เพิ่มวิวอัตโนมัติ", "Otomatik İzlenme", "Tự động tăng view"),
    "clip views": ("Clip Views", "วิวคลิป", "Klip İzlenme", "Lượt xem clip"),
    "comment likes": ("Comment Likes", "ถูกใจคอมเมนต์", "Yorum Beğenisi", "Like bình luận"),
    "comment replies": ("Comment Replies", "ตอบกลับคอมเมนต์", "Yorum Yanıtı", "Trả lời bình luận"),
    "comments": ("Custom Comments", "คอมเมนต์กำหนดเอง", "Özel Yorum", "Bình luận theo yêu cầu"),
    "comments pack": ("Comments Package", "แพ็กคอมเมนต์", "Yorum Paketi", "Gói bình luận"),
    "event invites": ("Event Invites", "เชิญเข้าร่วมกิจกรรม", "Etkinlik Daveti", "Mời tham gia sự kiện"),
    "followers": ("Followers", "ผู้ติดตาม", "Takipçi", "Người theo dõi"),
    "group invites": ("Group Invites", "เชิญเข้ากลุ่ม", "Grup Daveti", "Mời vào nhóm"),
    "group members": ("Group Members", "สมาชิกกลุ่ม", "Grup Üyesi", "Thành viên nhóm"),
    "hashtag mentions": ("Mentions with Hashtags", "เมนชันพร้อมแฮชแท็ก", "Hashtag ile Bahsetme", "Nhắc tên kèm hashtag"),
    "likers mentions": ("Mentions of Likers", "เมนชันคนกดถูกใจ", "Beğenenlerden Bahsetme", "Nhắc tên người đã like"),
    "likes": ("Likes", "ถูกใจ", "Beğeni", "Lượt thích"),
    "list mentions": ("Mentions from a List", "เมนชันตามรายชื่อ", "Listeden Bahsetme", "Nhắc tên theo danh sách"),
    "live viewers": ("Live Stream Viewers", "คนดูไลฟ์", "Canlı Yayın İzleyici", "Mắt xem livestream"),
    "members": ("Members", "สมาชิก", "Üye", "Thành viên"),
    "mentions": ("Mentions", "เมนชัน", "Bahsetme", "Nhắc tên"),
    "monthly listeners": ("Monthly Listeners", "ผู้ฟังรายเดือน", "Aylık Dinleyici", "Người nghe hàng tháng"),
    "page likes": ("Page Likes", "ถูกใจเพจ", "Sayfa Beğenisi", "Like fanpage"),
    "plays": ("Plays", "ยอดฟัง", "Dinlenme", "Lượt nghe"),
    "poll votes": ("Poll Votes", "โหวตโพล", "Anket Oyu", "Bình chọn"),
    "post likes": ("Post Likes", "ถูกใจโพสต์", "Gönderi Beğenisi", "Like bài viết"),
    "post views": ("Post Views", "วิวโพสต์", "Gönderi Görüntülenme", "Lượt xem bài viết"),
    "ranking": ("Search Ranking", "อันดับการค้นหา", "Arama Sıralaması", "Tăng hạng tìm kiếm"),
    "reactions": ("Reactions 👍 🔥 ❤️", "รีแอคชัน 👍 🔥 ❤️", "Tepki 👍 🔥 ❤️", "Cảm xúc 👍 🔥 ❤️"),
    "retweets": ("Retweets", "รีทวีต", "Retweet", "Lượt retweet"),
    "saves": ("Saves", "บันทึก", "Kaydetme", "Lượt lưu"),
    "search ranking": ("Google Ranking", "อันดับ Google", "Google Sıralaması", "Tăng hạng Google"),
    "shares": ("Shares", "แชร์", "Paylaşım", "Lượt chia sẻ"),
    "starter pack": ("Starter Package", "แพ็กเริ่มต้น", "Başlangıç Paketi", "Gói khởi đầu"),
    "story views": ("Story Views", "วิวสตอรี่", "Hikâye İzlenme", "Lượt xem story"),
    "subscribers": ("Subscribers", "ผู้ติดตามช่อง", "Abone", "Người đăng ký"),
    "tag mentions": ("Mentions of a Hashtag", "เมนชันแฮชแท็ก", "Hashtag Bahsetme", "Nhắc tên theo hashtag"),
    "traffic": ("Website Traffic", "ทราฟฟิกเว็บไซต์", "Web Sitesi Trafiği", "Lưu lượng truy cập web"),
    "video views": ("Video Views", "วิววิดีโอ", "Video İzlenme", "Lượt xem video"),
    "views": ("Views", "ยอดวิว", "İzlenme", "Lượt xem"),
    "watch hours pack": ("4,000 Watch Hours", "4,000 ชั่วโมงรับชม", "4.000 Saat İzlenme", "4.000 giờ xem"),
}

GRADES: tuple[Grade, ...] = (
    Grade("1", ("High Quality", "คุณภาพสูง", "Yüksek Kalite", "Chất lượng cao")),
    Grade("0.45", ("⚡ Instant, Bot", "⚡ เริ่มทันที บอท", "⚡ Anlık, Bot", "⚡ Lên ngay, tài khoản ảo")),
    Grade("2.1", ("Real & Active", "คนจริง แอคทีฟ", "Gerçek ve Aktif", "Người thật, tương tác")),
    Grade("1.5", ("🇹🇭 Thai", "🇹🇭 ไทย", "🇹🇭 Tayland", "🇹🇭 Thái Lan")),
    Grade("1.7", ("🇹🇷 Turkish", "🇹🇷 ตุรกี", "🇹🇷 Türk", "🇹🇷 Thổ Nhĩ Kỳ")),
    Grade("1.6", ("🇻🇳 Vietnamese", "🇻🇳 เวียดนาม", "🇻🇳 Vietnam", "🇻🇳 Việt Nam")),
    Grade("3.2", ("🇺🇸 USA", "🇺🇸 สหรัฐฯ", "🇺🇸 ABD", "🇺🇸 Mỹ")),
)

REFILL_TERMS: tuple[tuple[str, str, str, str], ...] = (
    ("♻️ 30 days refill", "♻️ รับประกัน 30 วัน", "♻️ 30 gün telafi", "♻️ bảo hành 30 ngày"),
    ("♻️ 90 days refill", "♻️ รับประกัน 90 วัน", "♻️ 90 gün telafi", "♻️ bảo hành 90 ngày"),
    ("♻️ lifetime", "♻️ ตลอดชีพ", "♻️ ömür boyu", "♻️ trọn đời"),
)

NO_REFILL = ("no refill", "ไม่รับประกัน", "telafisiz", "không bảo hành")
