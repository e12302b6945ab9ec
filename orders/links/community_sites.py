"""Networks of groups, boards and chats: their addresses as data (see :mod:`orders.links.rules`)."""

from __future__ import annotations

from typing import Final

from orders.links.rules import Rule, Site

_COMMENT: Final = ("commentlikes", "commentreplies")

COMMUNITY_SITES: Final = (
    Site(
        "linkedin", "LinkedIn", ("linkedin.com",),
        rules=(
            Rule("comment", "comment/{part}", "feed/update/{any} ?commentUrn={part}"),
            Rule("post", "{slug}/{n}", "feed/update/urn:li:{slug}:{n}"),
            Rule("post", "{slug}/{n}", "embed/feed/update/urn:li:{slug}:{n}"),
            Rule("post", "{slug}/{n}", r"posts/[^/]*?-(?P<slug>activity|share|ugcPost)-{n}[^/]*"),
            Rule("post", "article/{slug}", "pulse/{slug}"),
            Rule("profile", "@{name}", "(?:in|pub)/{name}"),
            Rule("page", "company/{name}", "(?:company|school|showcase)/{name}"),
            Rule("group", "group/{n}", "groups/{n}"),
            Rule("event", "event/{part}", "events/{part}"),
        ),
        fits={
            "profile": ("followers", "connections"),
            "page": ("followers",),
            "post": ("likes", "reactions", "comments", "shares"),
            "group": ("members",),
            "comment": (*_COMMENT, "reactions"),
        },
        opaque=("lnkd.in",),
        codes=((r"\d{18,20}", ("activity/{}", "share/{}", "ugcPost/{}")),),
    ),
    Site(
        "discord", "Discord", ("discord.com", "discordapp.com"),
        rules=(
            Rule("invite", "invite/{code}", "invite/{code}"),
            Rule("post", "message/{n}/{part}/{m}", "channels/{n}/{part}/{m}"),
            Rule("group", "server/{n}", "(?:channels|servers)/{n}"),
        ),
        fits={"invite": ("members",), "group": ("members",), "post": ("reactions",)},
    ),
    Site("discord", "Discord", ("discord.gg",), (
        Rule("invite", "invite/{code}", "invite/{code}"), Rule("invite", "invite/{code}", "{code}"),
    ), {"invite": ("members",)}),
    Site(
        "snapchat", "Snapchat", ("snapchat.com",),
        rules=(
            Rule("", "t/{part}", "t/{part}"),
            Rule("video", "spotlight/{code}", "(?:{any}/)?spotlight/{code}"),
            Rule("story", "story/{name}", "(?:story|s)/{name}"),
            Rule("profile", "@{name}", "(?:add|u)/{name}"),
            Rule("profile", "@{name}", "@{name}"),
        ),
        fits={"profile": ("followers",), "video": ("views", "likes", "shares"), "story": ("storyviews",)},
        opaque=("t.snapchat.com",),
    ),
    Site(
        "pinterest", "Pinterest", ("pinterest.*",),
        rules=(
            Rule("post", "pin/{n}", r"pin/(?:[^/]*--)?{n}"),
            Rule("profile", "@{name}", "{name}/_(?:created|saved|shop|profile)"),
            Rule("board", "board/{owner}/{name}", "{owner}/{name}"),
            Rule("profile", "@{name}", "{name}"),
        ),
        fits={"post": ("saves", "likes", "comments"), "profile": ("followers",), "board": ("followers",)},
        opaque=("pin.it",),
        reserved=frozenset({"pin", "search", "ideas", "explore", "today", "login", "business", "settings"}),
        codes=((r"\d{12,20}", ("pin/{}",)),),
    ),
    Site(
        "reddit", "Reddit", ("reddit.com",),
        rules=(
            Rule("", "share/{part}", "(?:r|u|user)/{any}/s/{part}"),
            Rule("comment", "comment/{slug}/{code}", "{any}/{any}/comments/{slug}/{any}/{code}"),
            Rule("post", "post/{code}", "{any}/{any}/comments/{code}"),
            Rule("post", "post/{code}", "(?:comments|gallery)/{code}"),
            Rule("group", "group/{name}", "r/{name}"),
            Rule("profile", "@{name}", "(?:user|u)/{name}"),
        ),
        fits={
            "post": ("votes", "comments"),
            "comment": ("votes", "commentlikes", "commentreplies"),
            "group": ("members",),
            "profile": ("followers",),
        },
        codes=((r"[a-z0-9]{6,8}", ("post/{}",)),),
    ),
    Site("reddit", "Reddit", ("redd.it",), (Rule("post", "post/{code}", "{code}"),), {"post": ("votes", "comments")}),
    Site(
        "vk", "VK", ("vk.com", "vk.ru", "vkontakte.ru", "vkvideo.ru"),
        rules=(
            Rule("comment", "comment/{code}/{n}", "wall{code} ?reply={n}"),
            Rule("post", "wall{code}", "{any} ?w=wall{code}"),
            Rule("post", "wall{code}", "wall{code}"),
            Rule("video", "video{code}", "{any} ?z=(?:video|clip){code}.*"),
            Rule("video", "video{code}", r"(?:video|clip)(?=-?\d){code}"),
            Rule("video", "video{code}", r"{any}/(?:video|clip)(?=-?\d){code}"),
            Rule("post", "photo{code}", "{any} ?z=photo{code}.*"),
            Rule("post", "photo{code}", r"photo(?=-?\d){code}"),
            Rule("playlist", "playlist/{part}", "music/(?:playlist|album)/{part}"),
            Rule("group", "group/{n}", "(?:club|public|event){n}"),
            Rule("profile", "id/{n}", "id{n}"),
            Rule("profile", "@{name}", "@?{name}"),
        ),
        fits={
            "group": ("members",),
            "post": ("likes", "shares", "views", "comments", "votes"),
            "video": ("views", "likes", "shares", "comments"),
            # A name of its own choice may be a person's or a community's.
            "profile": ("followers", "friends", "members"),
            "comment": _COMMENT,
            "playlist": ("plays",),
        },
        opaque=("vk.cc",),
        reserved=frozenset({"feed", "search", "video", "clips", "music", "audio", "market", "im", "login", "away.php"}),
    ),
    Site(
        "whatsapp", "WhatsApp", ("whatsapp.com",),
        rules=(
            Rule("invite", "invite/{code}", "(?:invite/)?{code}", host="chat"),
            Rule("post", "post/{code}/{n}", "channel/{code}/{n}"),
            Rule("channel", "channel/{code}", "channel/{code}"),
            Rule("profile", "phone/{n}", r"send ?phone=(?:\+|%2B)?{n}"),
        ),
        fits={"channel": ("followers", "members"), "invite": ("members",), "post": ("reactions", "votes", "views")},
    ),
    Site("whatsapp", "WhatsApp", ("wa.me",), (Rule("profile", "phone/{n}", r"\+?{n}"),), {}),
    Site(
        "kwai", "Kwai", ("kwai.com",),
        rules=(
            Rule("video", "video/{code}", "@{any}/video/{code}"),
            Rule("video", "video/{code}", "(?:short-video|video)/{code}"),
            Rule("live", "live/{name}", "@{name}/live"),
            Rule("profile", "@{name}", "@{name}"),
        ),
        fits={
            "profile": ("followers",),
            "video": ("views", "likes", "comments", "shares", "saves"),
            "live": ("liveviewers",),
        },
        opaque=("k.kwai.com", "s.kwai.com", "kw.ai", "kwai-video.com", "m.kwai.com/photo"),
    ),
    Site(
        "likee", "Likee", ("likee.video",),
        rules=(
            Rule("video", "video/{code}", "@{any}/video/{code}"),
            Rule("video", "video/{code}", "v/{code}"),
            Rule("profile", "@{name}", "@{name}"),
        ),
        fits={"profile": ("followers",), "video": ("views", "likes", "comments", "shares")},
        opaque=("l.likee.video",),
    ),
    Site(
        "ok", "OK.ru", ("ok.ru", "odnoklassniki.ru"),
        rules=(
            Rule("post", "topic/{n}/{m}", "group/{n}/topic/{m}"),
            Rule("video", "video/{n}", "video/{n}"),
            Rule("live", "live/{n}", "live/{n}"),
            Rule("group", "group/{n}", "group/{n}"),
            Rule("profile", "id/{n}", "profile/{n}"),
            Rule("profile", "@{name}", "{name}"),
        ),
        fits={
            "group": ("members",),
            "profile": ("friends", "followers", "members"),
            "post": ("likes", "comments", "shares", "votes"),
            "video": ("views", "likes", "comments"),
            "live": ("liveviewers",),
        },
    ),
    Site(
        "tumblr", "Tumblr", ("tumblr.com",),
        rules=(
            Rule("post", "post/{n}", "{any}/post/{n}"),
            Rule("post", "post/{n}", "{any}/{n}"),
            Rule("profile", "@{name}", "(?:blog/view/)?{name}"),
        ),
        fits={"profile": ("followers",), "post": ("likes", "retweets", "comments", "shares")},
        reserved=frozenset({"dashboard", "explore", "search", "tagged", "settings"}),
        is_named_by_host=True,
    ),
    Site(
        "quora", "Quora", ("quora.com",),
        rules=(
            Rule("post", "answer/{slug}/{owner}", "{slug}/answer/{owner}"),
            Rule("profile", "@{name}", "profile/{name}"),
        ),
        fits={"profile": ("followers",), "post": ("votes", "views", "comments", "shares")},
    ),
)  # fmt: skip
