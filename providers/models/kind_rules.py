"""How the words beside a kind, and the platform, make another kind of it: data."""

from __future__ import annotations

from typing import Final

# Words beside a kind that make another kind of it: the kind, the words, what it becomes.
REFINEMENTS: Final = (
    ("views", "storyviews",
     "story, stories, hikaye, hikayeler, сторис, истори*, stories*, histori*, storie, ستوري, الستوري, قصة, قصص, "
     "สตอรี่, สตอรี, cerita, storys, स्टोरी, 스토리, 快拍"),
    ("views", "liveviewers", "canlı, ao vivo, en vivo, en directo, en direct, ไลฟ์, прям* эфир*, трансляци*, "
                             "siaran langsung, مباشر, لايف, लाइव, 直播, livestreams, live stream*"),
    ("likes", "commentlikes", "for comments, on comments, to comments, на комментарии, к комментариям"),
    ("likes", "pagelikes", "fanpage, fan page, fanpages, page, pages, página, pagina, halaman, "
                           "страниц*, sayfa, sayfası, แฟนเพจ, เพจ, صفحة, صفحات, الصفحة, for page, seite, "
                           "पेज"),
    ("likes", "autolikes", "future posts, gelecek gönderi*, новые посты, automatic, autom, otomatis, automáticas, "
                           "automáticos, automatiques, automatische, tự động, อัตโนมัติ, تلقائي*, otomatik, "
                           "автоматическ*, 自动"),
    ("views", "autoviews", "future posts, gelecek gönderi*, новые посты, automatic, otomatis, automáticas, "
                           "automáticos, automatiques, automatische, tự động, อัตโนมัติ, تلقائي*, otomatik, "
                           "автоматическ*, 自动"),
)  # fmt: skip

# What a platform calls a kind: who follows a Telegram channel is its member.
BY_PLATFORM: Final = {
    ("telegram", "followers"): "members",
    ("telegram", "subscribers"): "members",
    ("telegram", "friends"): "members",
    ("discord", "followers"): "members",
    ("youtube", "followers"): "subscribers",
    ("rutube", "followers"): "subscribers",
    ("line", "followers"): "friends",
    ("spotify", "subscribers"): "followers",
    ("x", "shares"): "retweets",
    ("reddit", "likes"): "votes",
    ("spotify", "views"): "plays",
    ("soundcloud", "views"): "plays",
    ("website", "views"): "traffic",
    ("website", "impressions"): "traffic",
    **{(platform, "comments"): "reviews" for platform in ("google", "app_store", "apps", "trustpilot", "tripadvisor")},
    **{(platform, "traffic"): "impressions" for platform in ("instagram", "tiktok", "facebook", "x", "linkedin")},
    **{(platform, "subscribers"): "followers" for platform in ("instagram", "tiktok", "threads", "vk", "x", "twitter")},
}
