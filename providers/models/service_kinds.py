"""What a service gives: data. To add a kind, or a word for one, add it to ``KINDS``.

Panels have no word for it that two of them share, so it is read from names, like the platform: it puts the
same kind of service side by side, and decides about nothing else.

Slugs are letters alone: Python and every collation of a database then agree on their order.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_lazy as _


class ServiceKind(NamedTuple):
    """A kind: ``slug`` as stored, ``title`` as shown, the words that name it, separated by commas."""

    slug: str
    title: Any
    words: str


KINDS: Final = (
    ServiceKind("autolikes", _("Automatic likes"), (
        "auto likes, auto like, automatic likes, otomatik beğeni, oto beğeni, tự động tăng like, auto tim, "
        "like tự động, ถูกใจอัตโนมัติ, ไลค์อัตโนมัติ, ออโต้ไลค์, автолайк*, авто лайки, автоматические лайки, "
        "curtidas automáticas, me gusta automáticos, likes automáticos, like otomatis, likes otomatis, suka otomatis, "
        "لايكات تلقائية, اعجابات تلقائية, j'aime automatiques, automatische likes, 自动点赞, 자동 좋아요"
    )),
    ServiceKind("autoviews", _("Automatic views"), (
        "auto views, auto view, automatic views, otomatik izlenme, oto izlenme, tự động tăng view, view tự động, "
        "วิวอัตโนมัติ, ออโต้วิว, автопросмотр*, авто просмотры, visualizações automáticas, "
        "visualizaciones automáticas, vistas automáticas, views otomatis, tayangan otomatis, مشاهدات تلقائية, "
        "vues automatiques, automatische aufrufe"
    )),
    ServiceKind("battlepoints", _("Battle points"), (
        "battle points, battle point, pk points, pk point, pk battle, live battle, savaş puanı, pk puanı, điểm pk, "
        "điểm chiến đấu, คะแนนพีเค, คะแนน pk, คะแนน, очки битвы, очки батла, баттл очки, puntos de batalla, "
        "pontos de batalha, poin pk, poin battle, نقاط المعركة, نقاط الجولة, نقاط تحدي, points de combat, kampfpunkte, "
        "PK积分"
    )),
    ServiceKind("boosts", _("Boosts"), (
        "boosts, channel boost, channel boosts, boost channel, premium boost, server boost, server boosts, "
        "group boost, group boosts, boost telegram, telegram boost, буст, бусты, бустов, буста, kanal boost, "
        "boost kênh, บูสต์, บูสต์ช่อง, impulsos, تعزيز القناة, تعزيزات, 助推, 부스트"
    )),
    ServiceKind("botstarts", _("Bot starts"), (
        "bot start, bot starts, start bot, bot started, bot subscribers, bot users, bot referral, bot referrals, "
        "bot başlatma, start bot telegram, bot başlat, khởi động bot, กดเริ่มบอท, เริ่มบอท, สตาร์ทบอท, запуск бота, "
        "запуски бота, старт бота, старты бота, старты в бот, активация бота, пользователи бота, inicio de bot, "
        "inicios de bot, iniciar bot, mulai bot, بدء البوت, تشغيل بوت, ستارت بوت, démarrage de bot, démarrages de bot, "
        "机器人启动"
    )),
    ServiceKind("commentlikes", _("Comment likes"), (
        "comment likes, comment like, comments likes, likes to comment, likes on comment, likes on comments, "
        "likes for comment, likes for comments, like comment, like on comment, comment upvote, comment upvotes, "
        "comment hearts, yorum beğenisi, yorum beğeni, like bình luận, tim bình luận, thích bình luận, "
        "lượt thích bình luận, ถูกใจคอมเมนต์, ไลค์คอมเมนต์, ถูกใจความคิดเห็น, ไลค์เม้น, лайки на комментари*, "
        "лайки комментари*, лайков на комментари*, лайки к комментари*, curtidas em comentário*, "
        "curtidas no comentário*, curtidas de comentário*, me gusta en comentario*, likes en comentario*, "
        "me gusta a comentario*, likes a comentario*, likes em comentário*, likes de comentario*, like komentar, "
        "suka komentar, لايكات تعليق*, لايكات على تعليق*, اعجابات تعليق*, لايكات على التعليق*, j'aime de commentaire*, "
        "likes commentaire*, kommentar likes, kommentarlikes, 评论点赞, 댓글 좋아요"
    )),
    ServiceKind("commentreplies", _("Comment replies"), (
        "comment replies, comment reply, replies, replies to comment, replies to comments, yorum yanıtı, yorum yanıt, "
        "trả lời bình luận, ตอบกลับคอมเมนต์, ตอบคอมเมนต์, ответы на комментари*, respuestas a comentario*, "
        "respostas a comentário*, balasan komentar, ردود على التعليقات, réponses aux commentaires, 评论回复"
    )),
    ServiceKind("comments", _("Comments"), (
        "comments, comment, yorum, yorum*, bình luận, cmt, คอมเมนต์, คอมเมนท์, เม้น, ความคิดเห็น, комментари*, "
        "коммент*, коментар*, komentar, komen, komentar*, comentarios, comentario, تعليق, تعليقات, التعليقات, کامنت, "
        "कमेंट, कमेंट्स, टिप्पणी, टिप्पणियां, commentaires, commentaire, kommentare, kommentar, commenti, 评论, 留言, "
        "評論, コメント, 댓글"
    )),
    ServiceKind("connections", _("Connections"), (
        "connections, connection requests, profile connections, bağlantılar, bağlantı, kết nối, คอนเนคชั่น, คอนเนกชัน, "
        "контакты, контакты linkedin, связи, conexiones, conexões, koneksi, اتصالات, جهات اتصال, relations, "
        "connexions, kontakte, verbindungen, collegamenti, 人脉"
    )),
    ServiceKind("directmessages", _("Direct messages"), (
        "mass dm, mass dms, dm, dms, direct message, direct messages, mass message, mass messages, private message, "
        "private messages, mass messaging, toplu dm, toplu mesaj, dm mesaj, dm gönderim*, gửi tin nhắn, tin nhắn, "
        "nhắn tin hàng loạt, ส่งข้อความ, ข้อความ, ไดเรกต์, рассылка, рассылки, рассылка в директ, сообщения в директ, "
        "личные сообщения, массовая рассылка, mensajes directos, mensajes masivos, mensajes privados, "
        "mensagens diretas, mensagens em massa, mensagem direta, envio de mensagens, pesan langsung, pesan massal, "
        "dm massal, رسائل خاصة, رسائل مباشرة, رسائل جماعية, رسائل, messages privés, messages directs, massen-dm, "
        "direktnachrichten, nachrichten, 私信, 群发"
    )),
    ServiceKind("dislikes", _("Dislikes"), (
        "dislike, thumbs down, beğenmeme, dislike*, không thích, ไม่ถูกใจ, ดิสไลค์, дизлайк*, дислайк*, no me gusta, "
        "não gostei, tidak suka, عدم اعجاب, ديسلايك, ديسلايكات, je n'aime pas, mag ich nicht, 点踩, 싫어요, 低評価"
    )),
    ServiceKind("downloads", _("Downloads"), (
        "downloads, download, app install, app installs, apps install, app download, app downloads, ios install, "
        "ios installs, ios download, ios downloads, android install, android installs, android downloads, "
        "установки приложени*, uygulama indirme, cài app, tải app, cài đặt app, instalaciones de app*, "
        "instalações de app*, تحميل تطبيق*, تثبيت تطبيق*, ดาวน์โหลดแอพ, ติดตั้งแอพ, ios indirme, installs, install, "
        "installations, installation, indirme, indirmeler, yükleme, lượt tải, cài đặt, lượt cài đặt, ดาวน์โหลด, "
        "ติดตั้ง, установки, установок, установка, скачивания, скачиваний, загрузки, descargas, instalaciones, "
        "instalações, instalação, unduhan, instalasi, تحميلات, تنزيلات, تثبيت, تحميل, téléchargements, installationen, "
        "डाउनलोड, इंस्टॉल, 下载, 安装, 다운로드, ダウンロード"
    )),
    ServiceKind("followers", _("Followers"), (
        "follower, follow, follows, folowers, folllowers, followers*, takipçi, takip, takipçi*, người theo dõi, "
        "theo dõi, lượt theo dõi, lượt follow, follower*, flw, ผู้ติดตาม, ติดตาม, คนติดตาม, ฟอลโลเวอร์, ฟอล, ฟอลโล่, "
        "подписчик*, подписки, подписка на, подписок, фолловер*, підписник*, pengikut, seguidores, seguidor, "
        "seguidoras, seguir, متابعين, متابع, متابعون, المتابعين, متابعات, فولو, فولورز, دنبال کننده, فالوور, फॉलोअर्स, "
        "फॉलोवर्स, फॉलोअर, abonnés, abonné, abonnenten, abonnent, abonnements, obserwując*, volgers, seguaci, "
        "follower italiani, 粉丝, 粉, 关注, 關注, 追蹤, フォロワー, フォロー, 팔로워, 팔로우"
    )),
    ServiceKind("friends", _("Friends"), (
        "friends, friend, friend requests, friend request, arkadaş, arkadaşlar, arkadaşlık isteği, bạn bè, kết bạn, "
        "lời mời kết bạn, เพื่อน, เพิ่มเพื่อน, друзья, друзей, заявки в друзья, заявок в друзья, amigos, amigo, "
        "solicitudes de amistad, teman, pertemanan, اصدقاء, طلبات صداقة, صداقة, amis, freunde, freundschaftsanfragen, "
        "amici, दोस्त, फ्रेंड, 好友, 친구, 友だち, 友達"
    )),
    ServiceKind("impressions", _("Impressions and reach"), (
        "impressions, impression, reach, profile visits, profile visit, profile views, profile view, impressions*, "
        "gösterim, erişim, etkileşim, keşfet, profil ziyareti, profil ziyaret, profil ziyaret*, profil görüntüleme, "
        "lượt hiển thị, lượt tiếp cận, tiếp cận, truy cập profile, lượt truy cập trang cá nhân, "
        "ghé thăm trang cá nhân, ghé thăm profile, การเข้าถึง, การมองเห็น, เข้าชมโปรไฟล์, ชมโปรไฟล์, อิมเพรสชั่น, "
        "охват, охваты, охвата, показы, показов, посещения профил*, визиты в профиль, визиты профиля, "
        "просмотры профиля, посещений профиля, impresiones, alcance, visitas al perfil, visitas de perfil, "
        "visitas a perfil, impressões, visitas ao perfil, visitas no perfil, impresi, jangkauan, kunjungan profil, "
        "ظهور, انطباعات, وصول, زيارات الملف, زيارات البروفايل, زيارة البروفايل, زيارات الملف الشخصي, "
        "visites de profil, visites du profil, portée, impressionen, reichweite, profilbesuche, इंप्रेशन, 曝光, 展示, "
        "主页访问, 인상, 노출, インプレッション"
    )),
    ServiceKind("invites", _("Invites"), (
        "invites, invite, invitations, davet, daveti, mời vào, mời tham gia, เชิญเข้า, เชิญเข้ากลุ่ม, инвайт*, "
        "приглашени*, invitaciones, convites, undangan, دعوات, 邀请"
    )),
    ServiceKind("likes", _("Likes"), (
        "likes, like, likes*, beğeni, beğenisi, beğenileri, beğen, kalp, lượt thích, lượt like, thích, tim, thả tim, "
        "tym, hearts, heart, thumbs up, ถูกใจ, ไลค์, ไลก์, กดไลค์, กดถูกใจ, หัวใจ, กดใจ, лайк, лайк*, нравится, "
        "отметки нравится, мне нравится, сердечки, вподобай*, curtidas, curtida, curtir, gostos, gostei, me gusta, "
        "me gustas, suka, disukai, لايك, لايكات, اعجابات, اعجاب, الاعجابات, لایک, लाइक, लाइक्स, j'aime, jaime, "
        "gefällt mir, mi piace, polubienia, polubień, 点赞, 點讚, 赞, 讚, いいね, 좋아요"
    )),
    ServiceKind("listeners", _("Monthly listeners"), (
        "monthly listeners, monthly listener, listeners, aylık dinleyici, dinleyici, người nghe hàng tháng, "
        "người nghe, ผู้ฟังรายเดือน, ผู้ฟัง, слушатели, слушателей, ежемесячные слушатели, слушателей в месяц, "
        "oyentes mensuales, oyentes, ouvintes mensais, ouvintes, pendengar bulanan, pendengar, مستمعين شهريين, "
        "مستمعين, المستمعين, مستمع, auditeurs mensuels, auditeurs, monatliche hörer, hörer, ascoltatori, श्रोता, "
        "月听众, 听众, 월간 리스너, リスナー"
    )),
    ServiceKind("liveviewers", _("Live viewers"), (
        "viewer, viewer live, live video views, live video view, live stream viewers, live stream views, "
        "live stream viewer, live streaming viewers, live stream, livestream, live viewers, live viewer, live views, "
        "live watching, livestream viewers, livestream views, concurrent viewers, stream viewers, viewers, "
        "canlı yayın, canlı yayın izleyici, canlı yayın izlenme, canlı izleyici, canlı izlenme, "
        "canlı yayın izleyicisi, yayın izleyici, mắt xem livestream, mắt xem live, mắt livestream, mắt live, mắt xem, "
        "xem live, xem livestream, view live, view livestream, lượt xem live, người xem live, คนดูไลฟ์, คนดูไลฟ์สด, "
        "ยอดคนดูไลฟ์, คนดูสด, วิวไลฟ์, ยอดวิวไลฟ์, ผู้ชมไลฟ์, ผู้ชมสด, ดูไลฟ์, ไลฟ์สด, зрители, зрителей, "
        "зрители на стрим, зрители на трансляци*, зрители онлайн, зрители в эфир, зрители прямого эфира, "
        "espectadores en vivo, espectadores en directo, espectadores, viewers en vivo, vistas en vivo, "
        "espectadores ao vivo, espectadores live, visualizações ao vivo, visualizações de live, viewers live, "
        "penonton live, penonton langsung, penonton siaran langsung, penonton, مشاهدات بث مباشر, مشاهدات البث, "
        "مشاهدين بث, مشاهدين بث مباشر, مشاهدي البث, مشاهدين لايف, مشاهدات لايف, مشاهدين مباشر, مشاهدون, مشاهدين, "
        "بث مباشر, البث المباشر, spectateurs, spectateurs live, spectateurs en direct, vues en direct, live zuschauer, "
        "livestream zuschauer, zuschauer, spettatori, widzowie, widzów, लाइव व्यूअर्स, लाइव दर्शक, 直播观众, 直播人气, "
        "直播在线, 直播间人气, 라이브 시청자, 시청자, ライブ視聴者"
    )),
    ServiceKind("members", _("Members"), (
        "member, members*, join, joins, group join, channel join, üye, üyesi, üyeler, üyelik, üye*, katılım, "
        "thành viên, mem, mem group, mem nhóm, member*, tham gia nhóm, สมาชิก, เข้ากลุ่ม, участник*, вступления, "
        "вступлений, вступивши*, учасник*, члены, miembros, miembro, membros, membro, anggota, اعضاء, عضو, الاعضاء, "
        "مشتركين تلجرام, عضوا, عضوية, ممبر, मेंबर, मेंबर्स, सदस्य, membres, membre, mitglieder, mitglied, membri, "
        "członkowie, członków, 成员, 会员, 成員, 群成员, 拉人, 멤버, 회원, メンバー"
    )),
    ServiceKind("mentions", _("Mentions"), (
        "mentions, mention, bahsetme, etiketleme, nhắc tên, gắn thẻ, tag bạn bè, เมนชัน, แท็ก, упоминани*, отметки, "
        "menciones, menções, sebutan, منشن, اشارات, mentions*, erwähnungen, 提及, 艾特"
    )),
    ServiceKind("pagelikes", _("Page likes"), (
        "page likes, page like, fanpage likes, fanpage like, fan page likes, fan page like, sayfa beğenisi, "
        "sayfa beğeni, like fanpage, like page, like trang, thích trang, lượt thích trang, like fan page, "
        "tăng like fanpage, tăng like page, likes page, ถูกใจเพจ, ไลค์เพจ, ไลค์แฟนเพจ, ถูกใจแฟนเพจ, กดไลค์เพจ, "
        "ไลก์เพจ, лайки на страниц*, лайки страниц*, лайки на паблик, лайки fanpage, лайков на страниц*, "
        "curtidas na página, curtidas de página, curtidas em página, curtidas página, curtidas da página, "
        "curtidas fanpage, curtidas na fanpage, me gusta de página, me gusta en página, me gusta a página, "
        "me gusta página, me gusta fanpage, likes en página, likes de página, likes a página, likes página, "
        "likes na página, me gusta para página, me gusta en fanpage, likes fanpage, suka halaman, like halaman, "
        "likes halaman, لايكات صفحة, اعجابات صفحة, لايكات الصفحة, لايك صفحة, لايكات صفحات, اعجاب صفحة, اعجابات الصفحة, "
        "j'aime page, j'aime de page, likes de page, mentions j'aime page, j'aime la page, seiten likes, seitenlikes, "
        "gefällt mir seite, mi piace pagina, पेज लाइक, पेज लाइक्स, 主页点赞, 专页赞, 페이지 좋아요"
    )),
    ServiceKind("plays", _("Plays"), (
        "plays, play, streaming, streams, stream, track plays, listens, dinlenme, dinlenmesi, dinleme, lượt nghe, "
        "lượt phát, stream nhạc, ยอดฟัง, ฟังเพลง, จำนวนฟัง, ยอดสตรีม, สตรีม, прослушивани*, воспроизведени*, стримы, "
        "reproducciones, reproducción, escuchas, reproduções, plays*, pemutaran, putar, diputar, تشغيلات, استماع, "
        "استماعات, تشغيل, écoutes, lectures, wiedergaben, ascolti, odtworzenia, odtworzeń, प्ले, 播放量, 播放次数, "
        "收听, 재생, 재생수, 스트리밍, 再生"
    )),
    ServiceKind("ranking", _("Search ranking"), (
        "ranking, rankings, seo, backlinks, backlink, guest post, guest posts, link building, sıralama, sıralaması, "
        "tăng hạng, lên top, อันดับ, แบ็คลิงค์, แบ็กลิงก์, продвижение в топ, обратные ссылки, бэклинки, backlinks*, "
        "enlaces, posicionamiento, posicionamiento seo, ترتيب, باك لينك, باكلينك, référencement, liens, "
        "rückverlinkungen, 外链, 排名"
    )),
    ServiceKind("reactions", _("Reactions"), (
        "reaction, reaction*, react, tepki, tepki*, reaksiyon*, cảm xúc, biểu cảm, thả cảm xúc, รีแอคชัน, รีแอค, "
        "ความรู้สึก, แสดงความรู้สึก, реакци*, реакція, reacciones, reações, reaksi, تفاعلات, تفاعل, ردود فعل, ريأكشن, "
        "ري اكشن, रिएक्शन, reaktionen, reazioni, reakcje, 表情回应, 互动, 反应, 리액션, リアクション"
    )),
    ServiceKind("retweets", _("Reposts"), (
        "retweet, retweet*, reposts, repost, rt, lượt retweet, đăng lại, รีทวีต, รีทวิต, รีโพสต์, ретвит*, reposteos, "
        "republicações, ريتويت, رتويت, اعادة تغريد, إعادة التغريد, اعادة نشر, रीट्वीट, 转推, 轉推, 리트윗, リツイート"
    )),
    ServiceKind("reviews", _("Reviews"), (
        "reviews, review, app reviews, app ratings, app rating, rating, yorum ve puan, değerlendirme, değerlendirmesi, "
        "puanlama, đánh giá, รีวิว, ให้คะแนน, คะแนนรีวิว, отзыв*, оценки, рейтинг, reseñas, reseña, valoraciones, "
        "opiniones, avaliações, avaliação, ulasan, rating*, تقييم, تقييمات, مراجعات, avis, évaluations, bewertungen, "
        "rezensionen, recensioni, opinie, opinii, रिव्यू, समीक्षा, 好评, 评价, 五星好评, 리뷰, レビュー"
    )),
    ServiceKind("saves", _("Saves"), (
        "saves, save, repins, repin, pins, favorites, favourites, favorite, bookmarks, bookmark, kaydetme, kaydet, "
        "kaydedilme, favori, lượt lưu, lưu bài viết, lưu video, lưu bài, lượt yêu thích, บันทึก, ยอดบันทึก, เซฟ, "
        "บุ๊กมาร์ก, сохранени*, закладки, в закладки, избранное, guardados, guardado, favoritos, salvamentos, salvos, "
        "salvar, simpan, simpanan, disimpan, favorit, حفظ, محفوظات, المفضلة, مفضلة, سيف, enregistrements, sauvegardes, "
        "favoris, speichern, speicherungen, salvataggi, zapisania, सेव, 收藏, 저장, 保存"
    )),
    ServiceKind("shares", _("Shares"), (
        "shares, share, paylaşım, paylaşımı, paylaşma, chia sẻ, lượt chia sẻ, lượt share, แชร์, ยอดแชร์, репост*, "
        "поделиться, поделились, compartidos, compartidas, compartir, compartilhamento*, partilhas, bagikan, "
        "dibagikan, berbagi, مشاركات, مشاركة, شير, partages, partage, geteilt, teilungen, condivisioni, udostępnienia, "
        "udostępnień, शेयर, 分享, 转发, 轉發, 공유, シェア"
    )),
    ServiceKind("storyviews", _("Story views"), (
        "story views, story view, stories views, stories view, story viewers, views story, views on story, "
        "views on stories, hikâye izlenme, hikaye izlenmesi, hikaye görüntülenme, story izlenme, hikaye gösterim, "
        "lượt xem story, view story, xem story, lượt xem tin, xem tin, mắt xem story, วิวสตอรี่, ยอดวิวสตอรี่, "
        "ดูสตอรี่, คนดูสตอรี่, просмотры истори*, просмотры сторис, просмотров сторис, просмотры stories, "
        "просмотры story, просмотры stori*, просмотров истори*, сторис просмотры, vistas de histori*, "
        "visualizaciones de histori*, vistas histori*, vistas de stories, visualizaciones de stories, "
        "visualizaciones stories, vistas a histori*, vistas en histori*, visualizações de stor*, "
        "visualizações de histórias, visualizações nos stories, visualizações em stories, views de stories, "
        "visualizações stories, visualizações story, views stories, tayangan story, tayangan stories, tayangan cerita, "
        "penonton story, lihat story, views cerita, مشاهدات ستوري, مشاهدات القصة, مشاهدات قصص, مشاهدة ستوري, "
        "مشاهدات الستوري, مشاهدات استوري, vues story, vues de story, vues stories, vues de stories, vues sur story, "
        "story aufrufe, story views*, visualizzazioni storie, स्टोरी व्यू, स्टोरी व्यूज, 快拍浏览, 限时动态浏览, "
        "故事浏览, 스토리 조회, 스토리 조회수, ストーリー閲覧"
    )),
    ServiceKind("subscribers", _("Subscribers"), (
        "subscriber, subs, sub, subscribe, abone, abone*, người đăng ký, đăng ký kênh, đăng ký, lượt đăng ký, "
        "sub kênh, ผู้ติดตามช่อง, ซับ, ซับสไคร้, ซับสไครบ์, ผู้สมัครสมาชิก, กดติดตามช่อง, сабы, inscritos, inscrito, "
        "inscrições, suscriptores, suscriptor, suscripciones, subscritores, subscriber*, langganan, pelanggan, "
        "مشتركين, مشتركون, مشترك, اشتراكات, المشتركين, سبسكرايب, सब्सक्राइबर, सब्सक्राइबर्स, iscritti, subskrypcje, "
        "subskrybenci, subskrybent*, 订阅, 訂閱, 订阅者, 구독자, 구독, チャンネル登録, 登録者, チャンネル登録者"
    )),
    ServiceKind("traffic", _("Traffic"), (
        "traffic, web visits, site visits, visitas web, visitas a web, visites web, visites de site, visitas al sitio, "
        "visitas ao site, website traffic, web traffic, tráfego web, trafico web, trafic web, lượt truy cập web, "
        "زيارات موقع, زوار موقع, visitors, visits, visitor, website visits, trafik, trafiği, ziyaretçi, ziyaret, "
        "ziyaretçi*, lưu lượng, lượt truy cập, truy cập, traffic*, ทราฟฟิก, ผู้เข้าชม, ผู้เข้าชมเว็บ, คนเข้าเว็บ, "
        "ทราฟฟิค, трафик*, посетител*, посещени*, визиты, переходы, tráfico, tráfego, visitas, visitantes, pengunjung, "
        "kunjungan, lalu lintas, زيارات, زوار, زيارة, ترافيك, trafic, visites, visiteurs, besucher, visite, ruch, "
        "odwiedziny, ट्रैफिक, विज़िटर, 流量, 访客, 访问, 트래픽, 방문자, トラフィック"
    )),
    ServiceKind("views", _("Views"), (
        "views, view, views*, video views, reels views, watch, watches, izlenme, izleme, görüntülenme, görüntüleme, "
        "izlenme*, lượt xem, xem video, tăng view, วิว, ยอดวิว, ยอดเข้าชม, ยอดดู, การรับชม, ดูวิดีโอ, просмотр*, "
        "перегляд*, tayangan, penayangan, dilihat, ditonton, visualizaciones, visualización, vistas, vista, "
        "visualizações, visualização, مشاهدات, مشاهدة, المشاهدات, مشاهده, بازدید, व्यूज, व्यू, vues, vue, aufrufe, "
        "ansichten, klicks, visualizzazioni, wyświetlenia, wyświetleń, weergaven, 观看, 浏览, 播放, 观看量, 浏览量, "
        "觀看, 조회수, 조회, 視聴, 再生回数, 視聴回数"
    )),
    ServiceKind("votes", _("Votes"), (
        "poll votes, poll vote, votes, vote, voting, poll, polls, upvotes, upvote, up votes, downvotes, downvote, "
        "contest votes, anket, anket oyu, oy, oyu, oylama, oylar, bình chọn, lượt bình chọn, vote bình chọn, โหวต, "
        "ผลโหวต, голоса, голосов, голосовани*, опрос*, votos, voto, encuesta*, votação, enquete*, suara, polling, "
        "voting*, jajak pendapat, تصويت, تصويتات, اصوات, استفتاء, sondage*, stimmen, umfrage*, abstimmung*, voti, "
        "sondaggio, głosy, वोट, वोट्स, 投票, 票, 투표"
    )),
    ServiceKind("watchtime", _("Watch time"), (
        "watch hours, watch hour, watch hrs, watch time, watchtime, watch minutes, watching hours, hours watch, "
        "hours watch time, minutes watch time, minutes watch, hours of watch time, monetization hours, "
        "public watch hours, wh, hour watch, hours of watching, saat izlenme, izlenme saati, saatlik izlenme, "
        "izlenme süresi, saat izlenmesi, saat izleme, izleme saati, dakika izlenme, giờ xem, giờ xem video, phút xem, "
        "thời gian xem, giờ kiếm tiền, ชั่วโมงรับชม, ชั่วโมงการรับชม, ชั่วโมงดู, เวลารับชม, เวลาในการรับชม, "
        "ยอดชั่วโมง, ชั่วโมง youtube, นาทีรับชม, ชั่วโมงวิว, часы просмотра, часов просмотра, час* просмотр*, "
        "часы просмотров, время просмотра, минут просмотра, минуты просмотра, horas de exibição, horas exibidas, "
        "horas de visualização, tempo de exibição, minutos de exibição, horas assistidas, horas de visualización, "
        "horas de reproducción, horas vistas, tiempo de visualización, tiempo de reproducción, horas de visionado, "
        "minutos de visualización, minutos de reproducción, jam tayang, jam tonton, waktu tonton, menit tayang, "
        "menit tonton, ساعات مشاهدة, ساعة مشاهدة, ساعات المشاهدة, وقت المشاهدة, دقائق مشاهدة, دقيقة مشاهدة, "
        "heures de visionnage, heures de vue, heures de visionnement, temps de visionnage, minutes de visionnage, "
        "wiedergabezeit, stunden wiedergabezeit, watch stunden, stunden watchtime, ore di visualizzazione, "
        "ore visualizzazione, godziny oglądania, godzin oglądania, वॉच टाइम, वॉच आवर्स, घंटे वॉच, 观看时长, 小时观看, "
        "观看小时, 时长, 시청 시간, 시청시간, 再生時間, 総再生時間"
    )),
)  # fmt: skip

# The kind of what names none; it sorts behind all others.
OTHER: Final = "zz"
KIND_TITLES: Final = {**{kind.slug: kind.title for kind in KINDS}, OTHER: _("Other")}
