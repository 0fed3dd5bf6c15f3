"""Short texts in the languages that search knows, and what to ask of them.

The sentences are made up for the tests: no organisation, place or person is meant.
"""

TEXTS = [
    (
        "en",
        "Dialogue with officials after denial",
        (
            "The women met officials of the ministry. They said that violence against"
            " women was a private matter. Community meetings and campaigns followed."
        ),
    ),
    (
        "en",
        "Campaigns against backlash",
        (
            "A backlash in the media slowed the prevention programme. Staff were"
            " watched and the office was closed. The organisation adapted its"
        ),
    ),
    (
        "en",
        "Training of police",
        (
            "Police officers were trained. Prevention of violence needs women who lead"
            " and men who listen. The training met with inertia."
        ),
    ),
    (
        "en",
        "Radio programmes and denial",
        (
            "Local radio told stories of women. Officials denied the violence; the"
            " denial of officials was answered by stories. A programme a week was"
        ),
    ),
    (
        "es",
        "Campañas contra la negación de la violencia",
        (
            "Las mujeres organizaron campañas en la comunidad. Las autoridades negaron"
            " la violencia contra las mujeres. La educación cambió actitudes."
        ),
    ),
    (
        "es",
        "Diálogo con las autoridades",
        (
            "Una organización abrió el diálogo con el ministerio. Hubo resistencia y"
            " represión. Las organizaciones siguieron con educaciones populares."
        ),
    ),
    (
        "es",
        "Radio comunitaria y prevención",
        (
            "La radio comunitaria habló de la prevención de la violencia. Algunos"
            " hombres apoyaron a las mujeres."
        ),
    ),
    (
        "fr",
        "Dialogue avec les autorités locales",
        (
            "Des femmes formées ont parlé avec les autorités. Le ministère a nié la"
            " violence contre les femmes. La campagne a continué."
        ),
    ),
    (
        "fr",
        "Une campagne d’égalité à l’école",
        (
            "L’école a soutenu l’égalité. Des élèves ont formé un groupe de prévention."
            " Les parents ont résisté, puis les résistances ont faibli."
        ),
    ),
    (
        "fr",
        "La radio contre le déni",
        "La radio locale a répondu au déni par des récits de femmes.",
    ),
    (
        "ar",
        "حوار مع المسؤولين عن العنف ضد المرأة",
        (
            "اجتمعت النساء مع المسؤولين في الوزارة. أنكر المسؤولون العنف ضد النساء."
            " استمرت حملة التوعية في المجتمع."
        ),
    ),
    (
        "ar",
        "حملات التوعية في المدارس",
        (
            "نظمت المنظمة حملات في المدارس. واجهت الحملات مقاومة من الإعلام."
            " ساعد الحوار على الوقاية من العنف."
        ),
    ),
    (
        "ar",
        "الوقاية عبر الإذاعة",
        "روت الإذاعة المحلية قصص النساء. كانت المقاومة أضعف بعد الحوار.",
    ),
    (
        "tr",
        "Kadınlara yönelik şiddete karşı kampanya",
        (
            "Kadınlar belediye ile görüştü. Yetkililer şiddeti inkâr etti. Kampanyalar"
            " mahallelerde sürdü."
        ),
    ),
    (
        "tr",
        "Yetkililerle diyalog",
        (
            "Örgüt, yetkililerle diyalog kurdu. Kadın örgütleri direnişle karşılaştı."
            " Eğitim programı başladı."
        ),
    ),
    (
        "tr",
        "Radyoda önleme programı",
        "Yerel radyo kadınların hikâyelerini anlattı. İnkâr azaldı.",
    ),
    (
        "sr",
        "Насиље над женама и порицање",
        (
            "Жене су разговарале са министарством. Званичници су порицали насиље над"
            " женама. Кампања је настављена у заједници."
        ),
    ),
    (
        "sr",
        "Kampanja protiv nasilja",
        (
            "Organizacija je vodila kampanju protiv nasilja. Žene su učile i"
            " podučavale. Mediji su pružali otpor."
        ),
    ),
    (
        "sr",
        "Обука полиције и превенција",
        (
            "Полиција је прошла обуку о превенцији насиља. Отпор је био слаб, а ђаци су"
            " помагали."
        ),
    ),
    (
        "ne",
        "महिला हिंसाविरुद्ध अभियान",
        "महिलाहरूले समुदायमा अभियान चलाए। अधिकारीहरूले हिंसालाई अस्वीकार गरे। संवाद जारी रह्यो।",
    ),
    (
        "ne",
        "अधिकारीहरूसँग संवाद",
        (
            "संस्थाले अधिकारीसँग संवाद गर्‍यो। महिला समूहले प्रतिरोधको सामना गर्‍यो।"
            " तालिम कार्यक्रम सुरु भयो।"
        ),
    ),
    (
        "ne",
        "रेडियो कार्यक्रम र रोकथाम",
        "स्थानीय रेडियोले महिलाका कथा सुनायो। हिंसाको रोकथाम सम्भव छ।",
    ),
    (
        "hy",
        "Կանանց նկատմամբ բռնության ժխտում",
        (
            "Կանայք հանդիպեցին նախարարության ներկայացուցիչներին։ Պաշտոնյաները ժխտեցին"
            " բռնությունը։ Արշավը շարունակվեց համայնքում։"
        ),
    ),
    (
        "hy",
        "Երկխոսություն պաշտոնյաների հետ",
        (
            "Կազմակերպությունը երկխոսություն սկսեց պաշտոնյաների հետ։ Կանանց խմբերը"
            " դիմադրության հանդիպեցին։ Ուսուցումը սկսվեց։"
        ),
    ),
    (
        "hy",
        "Ռադիոն և կանխարգելումը",
        (
            "Տեղական ռադիոն պատմեց կանանց պատմությունները։ Բռնության կանխարգելումը"
            " հնարավոր է։"
        ),
    ),
    (
        "ur",
        "خواتین پر تشدد کے خلاف مہم",
        (
            "خواتین نے وزارت کے افسران سے ملاقات کی۔ افسران نے تشدد سے انکار کیا۔"
            " برادری میں مہم جاری رہی۔"
        ),
    ),
    (
        "ur",
        "افسران کے ساتھ مکالمہ",
        (
            "تنظیم نے افسران کے ساتھ مکالمہ شروع کیا۔ خواتین کے گروہ کو مزاحمت کا سامنا"
            " ہوا۔ تربیت شروع ہوئی۔"
        ),
    ),
    (
        "ur",
        "ریڈیو اور روک تھام",
        "مقامی ریڈیو نے خواتین کی کہانیاں سنائیں۔ تشدد کی روک تھام ممکن ہے۔",
    ),
    (
        "my",
        "အမျိုးသမီးများအပေါ် အကြမ်းဖက်မှု",
        "အမျိုးသမီးများသည် တာဝန်ရှိသူများနှင့် တွေ့ဆုံခဲ့သည်။ တာဝန်ရှိသူများက အကြမ်းဖက်မှုကို ငြင်းဆိုခဲ့သည်။",
    ),
    (
        "my",
        "တာဝန်ရှိသူများနှင့် ဆွေးနွေးပွဲ",
        "အဖွဲ့အစည်းသည် ဆွေးနွေးပွဲ စတင်ခဲ့သည်။ ရပ်ရွာတွင် သင်တန်းများ ပေးခဲ့သည်။",
    ),
    (
        "my",
        "ရေဒီယိုနှင့် ကာကွယ်ရေး",
        "ဒေသခံ ရေဒီယိုက အမျိုးသမီးများ၏ ဇာတ်လမ်းများကို ပြောပြခဲ့သည်။",
    ),
]
# What is written otherwise than it stands there: other forms of a word, other letters.
# As parts: a word, "a phrase", a beginning* or -what is left out.
OTHERWISE = [
    *(["woman"], ["WOMEN"], ["trainings"], ["campaign"], ["officer"], ["story"]),
    *(["children"], ["train", "police"], ["deny"], ["the", "women"], ["the", "of"]),
    *(["mujer"], ["campana"], ["campaña"], ["educacion"], ["educación"]),
    *(["organizacion"], ["violencias"], ["la", "mujer"], ["la", "de"], ["negacion"]),
    *(["femme"], ["formées"], ["formees"], ["egalite"], ["Égalités"], ["résistance"]),
    *(["ecoles"], ["la", "femme"], ["deni"], ["campagnes"], ["recit"]),
    *(["المراة"], ["المرأه"], ["العنـــف"], ["الاعلام"], ["الإعْلام"], ["ﺍﻟﻌﻨﻒ"]),
    *(["حملة"], ["حملات"], ["المسوولين"], ["في", "المدارس"], ["مقاومة"]),
    *(["kadin"], ["KADINLAR"], ["kadınların"], ["siddet"], ["ŞİDDETİ"], ["ınkar"]),
    *(["kampanya"], ["programı"], ["orgut"], ["diyalog", "ile"]),
    *(["nasilje"], ["насиља"], ["žena"], ["zena"], ["жена"], ["kampanje"]),
    *(["кампања"], ["djaci"], ["đaci"], ["ђаци"], ["policija"], ["otpora"]),
    *(["महिला"], ["महिलाहरू"], ["हिंसा"], ["हिंसाको"], ["अधिकारी"], ["संवादको"]),
    *(["կանանց"], ["բռնություն"], ["պաշտոնյա"], ["երկխոսության"], ["ՌԱԴԻՈ"]),
    *(["خواتين"], ["تشدّد"], ["افسران"], ["مہم"], ["كہانياں"], ["ریڈیو"]),
    *(["အမျိုးသမီး"], ["အကြမ်းဖက်"], ["ရေဒီယို"], ["ဆွေးနွေး"], ["တာဝန်"]),
    *(["violence", "-officials"], ["violen*", "-women"], ['"against women"']),
    *(['"of violence"', "-police"], ["women", '-"the women"'], ["-women"]),
    *(['"contra las mujeres"'], ["camp*"], ["kamp*"], ["kamp*", "-nasilja"]),
    *(['"насиље над женама"'], ['"nasilje nad ženama"'], ["prev*"], ["radio"]),
    *(['"women violence"'], ["nowhere"], ["women", "nowhere"], ["women", "-nowhere"]),
]
