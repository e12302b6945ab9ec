"""Places of music, video, streams, apps and reviews: their addresses as data."""

from __future__ import annotations

from typing import Final

from orders.links.rules import Rule, Site

_TRACK: Final = ("plays", "saves")
_VIDEO: Final = ("views", "likes", "comments", "shares")
_STREAM: Final = ("followers", "liveviewers")
_APP: Final = ("downloads", "reviews")

MEDIA_SITES: Final = (
    Site(
        "spotify", "Spotify", ("spotify.com",),
        rules=(
            Rule("track", "track/{code}", "(?:intl-[a-z]+/)?(?:embed/)?track/{code}"),
            Rule("album", "album/{code}", "(?:intl-[a-z]+/)?(?:embed/)?album/{code}"),
            Rule("playlist", "playlist/{code}", "(?:intl-[a-z]+/)?(?:embed/)?(?:user/[^/]+/)?playlist/{code}"),
            Rule("profile", "artist/{code}", "(?:intl-[a-z]+/)?(?:embed/)?artist/{code}"),
            Rule("profile", "@{name}", "(?:intl-[a-z]+/)?user/{name}", fits=("followers",)),
            Rule("episode", "episode/{code}", "(?:intl-[a-z]+/)?(?:embed/)?episode/{code}"),
            Rule("podcast", "show/{code}", "(?:intl-[a-z]+/)?(?:embed/)?show/{code}"),
        ),
        fits={
            "track": _TRACK,
            "album": _TRACK,
            "playlist": ("followers", "plays"),
            "profile": ("followers", "listeners"),
            "episode": ("plays",),
            "podcast": ("followers", "plays", "reviews"),
        },
        opaque=("spotify.link", "spoti.fi", "link.tospotify.com"),
        codes=((r"[A-Za-z0-9]{22}", ("track/{}", "album/{}", "playlist/{}", "artist/{}", "episode/{}", "show/{}")),),
    ),
    Site(
        "soundcloud", "SoundCloud", ("soundcloud.com",),
        rules=(
            Rule("playlist", "playlist/{owner}/{name}", "{owner}/sets/{name}"),
            Rule("profile", "@{name}", r"{name}/(?:tracks|albums|sets|reposts|likes|follow\w+|popular-tracks)"),
            Rule("track", "track/{owner}/{name}", "{owner}/{name}"),
            Rule("profile", "@{name}", "{name}"),
        ),
        fits={
            "track": ("plays", "likes", "retweets", "comments", "downloads"),
            "playlist": ("plays", "likes"),
            "profile": ("followers",),
        },
        opaque=("on.soundcloud.com",),
        reserved=frozenset({"discover", "search", "charts", "stream", "you", "upload", "pages"}),
    ),
    Site(
        "apple_music", "Apple Music", ("music.apple.com",),
        rules=(
            Rule("track", "song/{n}", "{any}/album/{any}/{any} ?i={n}"),
            Rule("track", "song/{n}", "{any}/song/(?:{any}/)?{n}"),
            Rule("album", "album/{n}", "{any}/album/(?:{any}/)?{n}"),
            Rule("playlist", "playlist/{part}", "{any}/playlist/(?:{any}/)?(?P<part>pl\\.[^/]+)"),
            Rule("profile", "artist/{n}", "{any}/artist/(?:{any}/)?{n}"),
        ),
        fits={"track": _TRACK, "album": _TRACK, "playlist": ("plays", "followers"), "profile": ("followers",)},
    ),
    Site(
        "deezer", "Deezer", ("deezer.com",),
        rules=(
            Rule("track", "track/{n}", "(?:[a-z]{2}/)?track/{n}"),
            Rule("album", "album/{n}", "(?:[a-z]{2}/)?album/{n}"),
            Rule("playlist", "playlist/{n}", "(?:[a-z]{2}/)?playlist/{n}"),
            Rule("profile", "artist/{n}", "(?:[a-z]{2}/)?artist/{n}"),
            Rule("profile", "profile/{n}", "(?:[a-z]{2}/)?profile/{n}"),
            Rule("podcast", "show/{n}", "(?:[a-z]{2}/)?show/{n}"),
        ),
        fits={
            "track": _TRACK,
            "album": _TRACK,
            "playlist": ("followers", "plays"),
            "profile": ("followers", "listeners"),
            "podcast": ("followers", "plays"),
        },
        opaque=("link.deezer.com", "deezer.page.link", "dzr.page.link"),
    ),
    Site(
        "tidal", "Tidal", ("tidal.com",),
        rules=(
            Rule("track", "track/{n}", "(?:browse/)?(?:album/\\d+/)?track/{n}"),
            Rule("video", "video/{n}", "(?:browse/)?video/{n}"),
            Rule("album", "album/{n}", "(?:browse/)?album/{n}"),
            Rule("playlist", "playlist/{code}", "(?:browse/)?playlist/{code}"),
            Rule("profile", "artist/{n}", "(?:browse/)?artist/{n}"),
        ),
        fits={"track": _TRACK, "album": _TRACK, "playlist": ("plays",), "profile": ("followers",), "video": ("views",)},
    ),
    Site(
        "shazam", "Shazam", ("shazam.com",),
        rules=(
            Rule("track", "track/{n}", "(?:[a-z]{2}(?:-[a-z]+)?/)?(?:track|song)/{n}"),
            Rule("profile", "artist/{n}", "(?:[a-z]{2}(?:-[a-z]+)?/)?artist/(?:{any}/)?{n}"),
        ),
        fits={"track": ("plays",), "profile": ("followers",)},
    ),
    Site(
        "mixcloud", "Mixcloud", ("mixcloud.com",),
        rules=(
            Rule("profile", "@{name}", "{name}/(?:uploads|followers|following|favorites|listens|stream)"),
            Rule("playlist", "playlist/{owner}/{name}", "{owner}/playlists/{name}"),
            Rule("track", "track/{owner}/{name}", "{owner}/{name}"),
            Rule("profile", "@{name}", "{name}"),
        ),
        fits={"track": ("plays", "likes", "retweets", "comments"), "profile": ("followers",), "playlist": ("plays",)},
    ),
    Site(
        "audiomack", "Audiomack", ("audiomack.com",),
        rules=(
            Rule("track", "track/{owner}/{name}", "{owner}/song/{name}"),
            Rule("album", "album/{owner}/{name}", "{owner}/album/{name}"),
            Rule("playlist", "playlist/{owner}/{name}", "{owner}/playlist/{name}"),
            Rule("profile", "@{name}", "{name}"),
        ),
        fits={
            "track": ("plays", "likes", "retweets"), "album": ("plays", "likes"), "playlist": ("plays",),
            "profile": ("followers",),
        },
    ),
    Site(
        "twitch", "Twitch", ("twitch.tv",),
        rules=(
            Rule("clip", "clip/{code}", "{code}", host="clips", fits=("views",)),
            Rule("clip", "clip/{code}", "{any}/clip/{code}", fits=("views",)),
            Rule("video", "video/{n}", "videos/{n}"),
            Rule("video", "video/{n}", "{any}/(?:video|v)/{n}"),
            Rule("channel", "@{name}", "popout/{name}"),
            Rule("channel", "@{name}", "{name}"),
        ),
        fits={"channel": _STREAM, "video": ("views",)},
        reserved=frozenset({"directory", "videos", "settings", "downloads", "p", "search"}),
        codes=((r"\d{9,11}", ("video/{}",)),),
    ),
    Site(
        "kick", "Kick", ("kick.com",),
        rules=(
            Rule("video", "video/{code}", "(?:{any}/)?(?:video|videos)/{code}"),
            Rule("clip", "clip/{code}", "{any}/clips/{code}", fits=("views",)),
            Rule("clip", "clip/{code}", "{any} ?clip={code}", fits=("views",)),
            Rule("channel", "@{name}", "{name}"),
        ),
        fits={"channel": _STREAM, "video": ("views",)},
        reserved=frozenset({"browse", "categories", "category", "search"}),
    ),
    Site(
        "trovo", "Trovo", ("trovo.live",),
        rules=(Rule("channel", "@{name}", "(?:s/)?{name}"),),
        fits={"channel": _STREAM},
    ),
    Site(
        "bigo", "Bigo Live", ("bigo.tv",),
        rules=(Rule("channel", "@{name}", "(?:[a-z]{2}/)?(?:user/)?{name}"),),
        fits={"channel": _STREAM},
    ),
    Site(
        "rumble", "Rumble", ("rumble.com",),
        rules=(
            Rule("video", "video/{code}", "embed/{code}"),
            Rule("video", "video/{code}", r"(?=v)(?P<code>[a-z0-9]+)-[^/]*\.html"),
            Rule("channel", "@{name}", "(?:c|user)/{name}"),
        ),
        fits={"video": _VIDEO, "channel": ("followers", "subscribers")},
    ),
    Site(
        "vimeo", "Vimeo", ("vimeo.com",),
        rules=(
            Rule("video", "video/{n}", "(?:video/|channels/[^/]+/|groups/[^/]+/videos/|ondemand/[^/]+/)?{n}"),
            Rule("channel", "channel/{name}", "channels/{name}"),
            Rule("profile", "user/{n}", "user{n}"),
            Rule("profile", "@{name}", "{name}"),
        ),
        fits={"video": _VIDEO, "profile": ("followers",), "channel": ("followers",)},
    ),
    Site(
        "dailymotion", "Dailymotion", ("dailymotion.com",),
        rules=(
            Rule("video", "video/{code}", "(?:embed/)?video/{code}"),
            Rule("channel", "@{name}", "{name}"),
        ),
        fits={"video": _VIDEO, "channel": ("followers",)},
    ),
    Site("dailymotion", "Dailymotion", ("dai.ly",), (Rule("video", "video/{code}", "{code}"),), {"video": _VIDEO}),
    Site(
        "rutube", "Rutube", ("rutube.ru",),
        rules=(
            Rule("video", "video/{code}", "(?:play/embed|video|shorts)/{code}"),
            Rule("channel", "channel/{n}", "channel/{n}"),
            Rule("channel", "u/{name}", "u/{name}"),
        ),
        fits={"video": _VIDEO, "channel": ("subscribers", "followers")},
    ),
    Site(
        "imdb", "IMDb", ("imdb.com",),
        rules=(
            Rule("page", "title/{code}", "(?:[a-z]{2}/)?title/{code}"),
            Rule("page", "name/{code}", "(?:[a-z]{2}/)?name/{code}"),
            Rule("playlist", "list/{code}", "list/{code}"),
        ),
        fits={"page": ("votes", "reviews", "views")},
        codes=((r"tt\d{7,9}", ("title/{}",)), (r"nm\d{7,9}", ("name/{}",))),
    ),
    Site(
        "trustpilot", "Trustpilot", ("trustpilot.com",),
        rules=(Rule("page", "review/{name}", "(?:review|evaluate)/(?:www\\.)?{name}"),),
        fits={"page": ("reviews",)},
    ),
    Site(
        "google", "Google", ("google.*",),
        rules=(
            Rule("page", "app/{part}", "store/apps/details ?id={part}", host="play", fits=_APP),
            Rule("page", "developer/{part}", "store/apps/(?:dev|developer) ?id={part}", host="play", fits=()),
            Rule("page", "cid/{n}", "maps ?cid={n}"),
            Rule("page", "cid/{n}", " ?cid={n}", host="maps"),
            Rule("page", "placeid/{part}", "local/(?:writereview|reviews) ?placeid={part}", host="search"),
            Rule("page", "placeid/{part}", "maps/place ?q=place_id:{part}"),
            Rule("page", "place/{code}", r"maps/place/{any}/[^/]*/data=[^/]*?!1s(?P<code>0x[\da-f]+:0x[\da-f]+)[^/]*"),
            Rule("page", "place/{name}/{n}", r"maps/place/{name}/@(?P<n>-?[\d.]+,-?[\d.]+)[^/]*"),
            Rule("page", "place/{name}", "maps/place/{name}"),
            Rule("", "maps", "maps"),
        ),
        fits={"page": ("reviews",)},
        opaque=("maps.app.goo.gl", "g.page", "g.co", "goo.gl/maps", "share.google"),
        own=False,
    ),
    Site(
        "app_store", "App Store", ("apps.apple.com", "itunes.apple.com"),
        rules=(
            Rule("page", "app/{n}", "(?:[a-z]{2}/)?app/(?:{any}/)?id{n}"),
            Rule("page", "developer/{n}", "(?:[a-z]{2}/)?developer/(?:{any}/)?id{n}", fits=()),
        ),
        fits={"page": _APP},
    ),
)  # fmt: skip
