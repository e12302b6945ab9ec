"""What a service gives, read from its name and category: data, and one function.

Panels have no word for it that two of them share, so it is a guess, like the platform: it puts the
same kind of service side by side, and decides about nothing else. To add a kind, add a line to
``KINDS``: its slug, its name, and the words panels write for it in the languages of their names.

Slugs are letters alone: Python and every collation of a database then agree on their order.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_lazy as _

from providers.models.search_text import fold


class ServiceKind(NamedTuple):
    """A kind: ``slug`` as stored, ``title`` as shown, the ``words`` that name it."""

    slug: str
    title: Any
    words: tuple[str, ...]


KINDS: Final = (
    ServiceKind("autolikes", _("Automatic likes"), (
        "auto likes", "auto like", "otomatik beğeni", "tự động tăng like", "ถูกใจอัตโนมัติ", "ไลค์อัตโนมัติ",
    )),
    ServiceKind("autoviews", _("Automatic views"), (
        "auto views", "auto view", "otomatik izlenme", "tự động tăng view", "วิวอัตโนมัติ",
    )),
    ServiceKind("commentlikes", _("Comment likes"), (
        "comment likes", "comment like", "comments likes", "yorum beğenisi", "yorum beğeni", "like bình luận",
        "ถูกใจคอมเมนต์", "лайки на комментарии",
    )),
    ServiceKind("commentreplies", _("Comment replies"), (
        "comment replies", "comment reply", "yorum yanıtı", "trả lời bình luận", "ตอบกลับคอมเมนต์",
    )),
    ServiceKind("comments", _("Comments"), (
        "comments", "comment", "yorum", "yorumu", "bình luận", "คอมเมนต์", "комментарии", "комментариев", "komentar",
        "comentarios",
    )),
    ServiceKind("downloads", _("Downloads"), (
        "downloads", "download", "installs", "install", "indirme", "lượt tải", "ดาวน์โหลด", "установки",
    )),
    ServiceKind("followers", _("Followers"), (
        "followers", "follower", "follow", "takipçi", "takipci", "người theo dõi", "theo dõi", "ผู้ติดตาม", "подписчики",
        "подписчиков", "pengikut", "seguidores", "abonnés",
    )),
    ServiceKind("friends", _("Friends"), ("friends", "friend", "arkadaş", "bạn bè", "เพื่อน", "друзья")),
    ServiceKind("impressions", _("Impressions and reach"), (
        "impressions", "impression", "reach", "profile visits", "gösterim", "erişim", "охват",
    )),
    ServiceKind("invites", _("Invites"), (
        "invites", "invite", "davet", "daveti", "mời vào", "mời tham gia", "เชิญเข้า",
    )),
    ServiceKind("likes", _("Likes"), (
        "likes", "like", "beğeni", "beğenisi", "lượt thích", "ถูกใจ", "ไลค์", "лайки", "лайков", "hearts", "thumbs up",
        "curtidas", "me gusta",
    )),
    ServiceKind("listeners", _("Monthly listeners"), (
        "monthly listeners", "listeners", "aylık dinleyici", "dinleyici", "người nghe", "ผู้ฟังรายเดือน", "слушатели",
    )),
    ServiceKind("liveviewers", _("Live viewers"), (
        "live stream viewers", "live stream views", "live stream", "livestream", "live viewers", "live views",
        "stream viewers", "canlı yayın", "canlı yayın izleyici", "mắt xem livestream", "mắt live", "คนดูไลฟ์",
    )),
    ServiceKind("members", _("Members"), (
        "members", "member", "üye", "üyesi", "thành viên", "สมาชิก", "участники", "участников", "anggota",
    )),
    ServiceKind("mentions", _("Mentions"), ("mentions", "mention", "bahsetme", "nhắc tên", "เมนชัน", "упоминания")),
    ServiceKind("pagelikes", _("Page likes"), (
        "page likes", "page like", "fanpage likes", "fanpage like", "sayfa beğenisi", "sayfa beğeni", "like fanpage",
        "like page", "ถูกใจเพจ",
    )),
    ServiceKind("plays", _("Plays"), (
        "plays", "play", "streams", "dinlenme", "lượt nghe", "ยอดฟัง", "прослушивания",
    )),
    ServiceKind("ranking", _("Search ranking"), (
        "ranking", "seo", "backlinks", "backlink", "sıralama", "sıralaması", "tăng hạng", "อันดับ",
    )),
    ServiceKind("reactions", _("Reactions"), ("reactions", "reaction", "tepki", "cảm xúc", "รีแอคชัน", "реакции")),
    ServiceKind("retweets", _("Reposts"), (
        "retweets", "retweet", "reposts", "repost", "lượt retweet", "รีทวีต", "ретвиты",
    )),
    ServiceKind("reviews", _("Reviews"), ("reviews", "review", "ratings", "rating", "đánh giá", "รีวิว", "отзывы")),
    ServiceKind("saves", _("Saves"), (
        "saves", "save", "favorites", "favourites", "bookmarks", "kaydetme", "lượt lưu", "บันทึก", "сохранения",
    )),
    ServiceKind("shares", _("Shares"), ("shares", "share", "paylaşım", "chia sẻ", "แชร์", "репосты")),
    ServiceKind("storyviews", _("Story views"), (
        "story views", "story view", "stories views", "hikâye izlenme", "hikaye izlenme", "lượt xem story",
        "view story", "วิวสตอรี่",
    )),
    ServiceKind("subscribers", _("Subscribers"), (
        "subscribers", "subscriber", "subs", "abone", "người đăng ký", "ผู้ติดตามช่อง",
    )),
    ServiceKind("traffic", _("Traffic"), (
        "traffic", "visitors", "visits", "trafik", "trafiği", "lưu lượng", "ทราฟฟิก", "трафик",
    )),
    ServiceKind("views", _("Views"), (
        "views", "view", "izlenme", "izlenmesi", "görüntülenme", "lượt xem", "วิว", "ยอดวิว", "просмотры", "просмотров",
        "tayangan", "visualizaciones",
    )),
    ServiceKind("votes", _("Votes"), (
        "poll votes", "votes", "vote", "poll", "anket", "anket oyu", "bình chọn", "โหวต", "голоса",
    )),
    ServiceKind("watchtime", _("Watch time"), (
        "watch hours", "watch hour", "watch time", "watchtime", "saat izlenme", "izlenme saati", "giờ xem",
        "ชั่วโมงรับชม",
    )),
)  # fmt: skip

# The kind of what names none; it sorts behind all others.
OTHER: Final = "zz"
KIND_TITLES: Final = {**{kind.slug: kind.title for kind in KINDS}, OTHER: _("Other")}

_SLUGS: Final = {fold(word): kind.slug for kind in KINDS for word in kind.words}


def _is_spaced(word: str) -> bool:
    """Whether the word's script sets blanks between words; Thai does not."""
    return not any("\u0e00" <= letter <= "\u0e7f" for letter in word)


def _any_of(words: list[str]) -> str:
    # Longer ones first, or "comment" would hide "comment likes".
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_WORDS: Final = re.compile(
    rf"(?<!\w)(?:{_any_of([word for word in _SLUGS if _is_spaced(word)])})(?!\w)"
    rf"|{_any_of([word for word in _SLUGS if not _is_spaced(word)])}"
)


def find_kind(*, category: str, name: str) -> str:
    """The slug of the kind named first, by the name if it names one, else by the category; else ``OTHER``."""
    return _first_named(name) or _first_named(category) or OTHER


def _first_named(text: str) -> str:
    found = _WORDS.search(fold(text))
    return _SLUGS[found[0]] if found else ""
