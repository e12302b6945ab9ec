"""Which platform a service is for: data. To add a platform, or a word for one, add it to ``PLATFORMS``.

No panel states the platform, so it is read from names, for filters and icons and never for money or states.
``weak`` words are words of other things too: they name the platform only beside a kind of service ("Kick
followers"), or where they make up a whole part of the category.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Platform(NamedTuple):
    """A platform: ``slug`` as stored, ``title`` as shown, the words that name it, separated by commas."""

    slug: str
    title: str
    words: str
    weak: str = ""


PLATFORMS: Final = (
    Platform(
        "instagram", "Instagram",
        "instagram, instagramm, instegram, instagran, insta, ig, igtv, instagram*, инстаграм*, инстаграмм*, инста, "
        "інстаграм*, อินสตาแกรม, อินสตราแกรม, ไอจี, انستقرام, انستغرام, انستجرام, انستا, الانستقرام, الانستغرام, "
        "اینستاگرام, اینستا, इंस्टाग्राम, इन्स्टाग्राम, इंस्टा, 인스타그램, 인스타, インスタグラム, インスタ, "
        "ins粉丝, 照片墙",
    ),
    Platform(
        "tiktok", "TikTok",
        "tiktok, tik tok, tiktok*, tictok, tic tok, tik-tok, tt, douyin, тикток*, тик ток*, тт, тікток*, ติ๊กต๊อก, "
        "ติกตอก, ติ๊กตอก, ติ๊กต่อก, تيك توك, تيكتوك, التيك توك, تیک تاک, टिकटॉक, टिक टॉक, 틱톡, ティックトック, "
        "抖音, 抖音国际版",
    ),
    Platform(
        "youtube", "YouTube",
        "youtube, you tube, youtube*, yt, ytb, youtub, ютуб*, ютюб*, ютьюб*, ยูทูป, ยูทูบ, يوتيوب, اليوتيوب, یوتیوب, "
        "यूट्यूब, यू ट्यूब, 유튜브, ユーチューブ, 油管",
    ),
    Platform(
        "facebook", "Facebook",
        "facebook, face book, facebook*, fb, fanpage, fan page, fanpages, фейсбук*, фб, เฟซบุ๊ก, เฟสบุ๊ค, เฟสบุ๊ก, "
        "เฟซบุ๊ค, เฟส, แฟนเพจ, فيسبوك, فيس بوك, الفيسبوك, فیسبوک, फेसबुक, 페이스북, フェイスブック, 脸书, 臉書",
    ),
    Platform(
        "threads", "Threads", "threads.net, instagram threads, threads app, meta threads, เธรดส์, 스레드, スレッズ",
        weak="threads",
    ),
    Platform(
        "telegram", "Telegram",
        "telegram, telegr, telegramm, tg, tele, telegram*, телеграм*, телеграмм*, телега, телеги, телегу, тг, "
        "เทเลแกรม, تيليجرام, تلجرام, تليجرام, تيليغرام, تلغرام, تلگرام, टेलीग्राम, 텔레그램, テレグラム, 电报, 飞机",
    ),
    Platform(
        "x", "X (Twitter)",
        "twitter, twitter*, x.com, x twitter, tweet, tweets, retweet, retweets, retweeti, retweet*, tweet*, "
        "твиттер*, твит*, ретвит*, ทวิตเตอร์, ทวิต, รีทวีต, ทวีต, تويتر, التويتر, توییتر, ट्विटर, 트위터, "
        "ツイッター, ツイート, 推特",
        weak="x",
    ),
    Platform("spotify", "Spotify", "spotify, spotify*, спотифай, สปอติฟาย, سبوتيفاي, स्पॉटिफाई, 스포티파이, "
                                   "スポティファイ"),
    Platform("twitch", "Twitch", "twitch, twitch*, твич*, ทวิช, تويتش, 트위치, ツイッチ"),
    Platform("kick", "Kick", "kick.com, kick com, kick live, кик", weak="kick"),
    Platform("linkedin", "LinkedIn", "linkedin, linked in, линкедин, ลิงก์อิน, لينكد ان, لينكدان, 领英"),
    Platform("discord", "Discord", "discord, дискорд*, ดิสคอร์ด, ديسكورد, 디스코드, ディスコード"),
    Platform("snapchat", "Snapchat", "snapchat, snap chat, снэпчат, снапчат, สแนปแชท, سناب شات, سناب, سنابشات",
             weak="snap"),
    Platform("pinterest", "Pinterest", "pinterest, pinterest*, пинтерест, พินเทอเรสต์, بينترست, 핀터레스트"),
    Platform("reddit", "Reddit", "reddit, reddit*, реддит, เรดดิต, ريديت"),
    Platform("quora", "Quora", "quora"),
    Platform("soundcloud", "SoundCloud", "soundcloud, sound cloud, саундклауд, ساوند كلاود"),
    Platform("apple_music", "Apple Music", "apple music, itunes, applemusic"),
    Platform("whatsapp", "WhatsApp",
             "whatsapp, whats app, watsap, whatsapp*, ватсап, вотсап, วอทส์แอพ, واتساب, واتس اب, व्हाट्सएप"),
    Platform("line", "LINE", "line oa, line official, line openchat, line voom, ไลน์, ライン, 라인", weak="line"),
    Platform("zalo", "Zalo", "zalo"),
    Platform("vk", "VK", "vk, vkontakte, vk.com, вк, вконтакте, vk*"),
    Platform("ok", "Odnoklassniki", "odnoklassniki, ok.ru, одноклассник*"),
    Platform("rutube", "Rutube", "rutube, рутуб*"),
    Platform("dzen", "Dzen", "yandex zen, yandex dzen, яндекс дзен, дзен, дзене", weak="dzen"),
    Platform("yandex", "Yandex", "yandex, yandex music, яндекс, яндекс музык*"),
    Platform("shopee", "Shopee", "shopee, ช้อปปี้, ชอปปี้"),
    Platform("lazada", "Lazada", "lazada, ลาซาด้า"),
    Platform("tokopedia", "Tokopedia", "tokopedia"),
    Platform("bukalapak", "Bukalapak", "bukalapak"),
    Platform("bigo", "Bigo Live", "bigo, bigo live"),
    Platform("rumble", "Rumble", "rumble"),
    Platform("trustpilot", "Trustpilot", "trustpilot, trust pilot"),
    Platform("tripadvisor", "Tripadvisor", "tripadvisor, trip advisor"),
    Platform("app_store", "App Store", "app store, appstore, apple store, ios app, ios apps, ios install, "
                                       "ios installs, ios download, ios downloads, ios indirme"),
    Platform(
        "google", "Google",
        "google maps, google map, google, google play, google play store, play store, playstore, play market, gmb, "
        "google business, google my business, гугл*, плей маркет, กูเกิล, جوجل, قوقل, गूगल, 구글, グーグル, 谷歌",
    ),
    Platform(
        "apps", "Mobile apps",
        "android app, android apps, mobile app, mobile apps, app install, app installs, apps install, app download, "
        "app downloads, app reviews, app ratings, app rating, android install, android installs, apk, "
        "android downloads, установки приложени*, uygulama indirme, mobil uygulama, cài app, tải app, cài đặt app, "
        "instalaciones de app*, instalações de app*, تحميل تطبيق*, تثبيت تطبيق*, ดาวน์โหลดแอพ, ติดตั้งแอพ",
        weak=(
            "app, apps, android, aplikasi, aplicación, aplicativo, application, приложени*, uygulama, ứng dụng, "
            "แอพ, แอป, تطبيق, 应用"
        ),
    ),
    Platform("imdb", "IMDb", "imdb"),
    Platform("tidal", "Tidal", "tidal"),
    Platform("deezer", "Deezer", "deezer, дизер"),
    Platform("shazam", "Shazam", "shazam, шазам"),
    Platform("mixcloud", "Mixcloud", "mixcloud, mix cloud"),
    Platform("audiomack", "Audiomack", "audiomack, audio mack"),
    Platform("boomplay", "Boomplay", "boomplay, boom play"),
    Platform("amazon_music", "Amazon Music", "amazon music"),
    Platform("amazon", "Amazon", "amazon, амазон"),
    Platform("beatport", "Beatport", "beatport"),
    Platform("beatstars", "BeatStars", "beatstars, beat stars"),
    Platform("bandcamp", "Bandcamp", "bandcamp, band camp"),
    Platform("napster", "Napster", "napster"),
    Platform("pandora", "Pandora", "pandora"),
    Platform("qobuz", "Qobuz", "qobuz"),
    Platform("reverbnation", "ReverbNation", "reverbnation, reverb nation"),
    Platform("datpiff", "DatPiff", "datpiff"),
    Platform("genius", "Genius", "genius.com", weak="genius"),
    Platform("anghami", "Anghami", "anghami, انغامي"),
    Platform("jiosaavn", "JioSaavn", "jiosaavn, jio saavn, saavn"),
    Platform("gaana", "Gaana", "gaana"),
    Platform("joox", "JOOX", "joox"),
    Platform("podcasts", "Podcasts",
             "podcast, podcasts, apple podcast, apple podcasts, podcast*, подкаст*, พอดแคสต์, بودكاست, 播客, "
             "ポッドキャスト"),
    Platform("tumblr", "Tumblr", "tumblr"),
    Platform("vimeo", "Vimeo", "vimeo"),
    Platform("dailymotion", "Dailymotion", "dailymotion, daily motion"),
    Platform("bilibili", "Bilibili", "bilibili, b站, 哔哩哔哩"),
    Platform("weibo", "Weibo", "weibo, 微博"),
    Platform("wechat", "WeChat", "wechat, we chat, 微信"),
    Platform("xiaohongshu", "Xiaohongshu", "xiaohongshu, rednote, red note, 小红书"),
    Platform("kuaishou", "Kuaishou", "kuaishou, 快手"),
    Platform("kwai", "Kwai", "kwai, snack video, snackvideo"),
    Platform("likee", "Likee", "likee, likee app"),
    Platform("triller", "Triller", "triller"),
    Platform("moj", "Moj", "moj app, sharechat", weak="moj"),
    Platform("josh", "Josh", "josh app", weak="josh"),
    Platform("bluesky", "Bluesky", "bluesky, blue sky, bsky"),
    Platform("mastodon", "Mastodon", "mastodon"),
    Platform("truth_social", "Truth Social", "truth social, truthsocial"),
    Platform("gab", "Gab", "gab.com", weak="gab"),
    Platform("gettr", "Gettr", "gettr"),
    Platform("parler", "Parler", "parler"),
    Platform("clubhouse", "Clubhouse", "clubhouse, club house"),
    Platform("coinmarketcap", "CoinMarketCap", "coinmarketcap, coin market cap, cmc"),
    Platform("coingecko", "CoinGecko", "coingecko, coin gecko"),
    Platform("dextools", "DEXTools", "dextools, dex tools, dexscreener, dex screener"),
    Platform("opensea", "OpenSea", "opensea, open sea"),
    Platform("medium", "Medium", "medium.com, medium article, medium claps", weak="medium"),
    Platform("github", "GitHub", "github, git hub"),
    Platform("stackoverflow", "Stack Overflow", "stack overflow, stackoverflow"),
    Platform("producthunt", "Product Hunt", "product hunt, producthunt"),
    Platform("behance", "Behance", "behance"),
    Platform("dribbble", "Dribbble", "dribbble, dribble"),
    Platform("deviantart", "DeviantArt", "deviantart, deviant art"),
    Platform("flickr", "Flickr", "flickr"),
    Platform("imgur", "Imgur", "imgur"),
    Platform("giphy", "Giphy", "giphy"),
    Platform("wattpad", "Wattpad", "wattpad"),
    Platform("goodreads", "Goodreads", "goodreads"),
    Platform("patreon", "Patreon", "patreon"),
    Platform("onlyfans", "OnlyFans", "onlyfans, only fans"),
    Platform("steam", "Steam", "steam community, steam group, steam profile, steam wishlist*", weak="steam"),
    Platform("roblox", "Roblox", "roblox"),
    Platform("trovo", "Trovo", "trovo"),
    Platform("nimo", "Nimo TV", "nimo tv, nimotv"),
    Platform("dlive", "DLive", "dlive"),
    Platform("caffeine", "Caffeine", "caffeine.tv", weak="caffeine"),
    Platform("viber", "Viber", "viber, вайбер"),
    Platform("signal", "Signal", "signal messenger, signal app", weak="signal"),
    Platform("yelp", "Yelp", "yelp"),
    Platform("foursquare", "Foursquare", "foursquare"),
    Platform("booking", "Booking.com", "booking.com"),
    Platform("airbnb", "Airbnb", "airbnb"),
    Platform("ebay", "eBay", "ebay"),
    Platform("etsy", "Etsy", "etsy"),
    Platform("avito", "Avito", "avito, авито"),
    Platform("sahibinden", "Sahibinden", "sahibinden"),
    Platform("trendyol", "Trendyol", "trendyol"),
    Platform("change_org", "Change.org", "change.org"),
    Platform("naver", "Naver", "naver, 네이버"),
    Platform("kakao", "KakaoTalk", "kakao, kakaotalk, 카카오톡, 카카오"),
    Platform("nextdoor", "Nextdoor", "nextdoor"),
    Platform("periscope", "Periscope", "periscope"),
    Platform("tinder", "Tinder", "tinder"),
    Platform("poshmark", "Poshmark", "poshmark"),
    Platform("wikipedia", "Wikipedia", "wikipedia"),
    Platform(
        "website", "Website",
        "website, websites, web visits, site visits, website visits, visitas web, visitas a web, visites web, "
        "visites de site, visitas al sitio, visitas ao site, web sitesi, web site, web siteleri, web traffic, "
        "website traffic, seo, backlink, backlinks, веб сайт*, сайт, сайта, сайты, на сайт, trang web, "
        "lượt truy cập web, เว็บไซต์, เว็บ, sitio web, site web, tráfego web, trafico web, trafic web, "
        "موقع الكتروني, زيارات موقع, زوار موقع, वेबसाइट, 웹사이트, ウェブサイト, 网站",
        weak="traffic, web, site, трафик, trafik, sitio, webseite",
    ),
)  # fmt: skip

TITLES: Final = {platform.slug: platform.title for platform in PLATFORMS}
OTHER: Final = ""
