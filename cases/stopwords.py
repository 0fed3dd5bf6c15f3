"""Words that every text of a language has: alone they find nothing worth finding.

Burmese has none here: its little words are syllables of others.
"""

from sources.names import fold

WRITTEN = {
    "en": """
        a about after all also an and any are as at be been but by can could did do does
        for from had has have he her his how i if in into is it its more no not of on or
        our out so some than that the their them then there these they this to was we
        were what when where which while who will with would you your
    """,
    "es": """
        a al ante como con cual cuando de del desde donde el ella ellas ellos en entre
        era es esta este esto estos fue ha han hasta hay la las le les lo los más me mi
        muy ni no nos o para pero por porque que se ser si sin sobre son su sus también
        te un una uno unos y ya
    """,
    "fr": """
        a au aux avec c ce ces cette comme d dans de des du elle elles en est et été
        être eu fait il ils j je l la le les leur leurs lui m mais me même n ne nous on
        ont ou par pas plus pour qu que qui s sa se ses si son sont sur t un une vous y
    """,
    "ar": """
        في من على إلى عن مع أن إن أو ثم لا ما هذا هذه ذلك تلك التي الذي هو هي هم كان
        كانت كل قد و لم لن بين بعد قبل عند أي
    """,
    "tr": """
        ve veya ile bir bu şu o da de ki mi için gibi kadar daha çok en ne her ama ancak
        olarak olan oldu var yok ise hem ya biz ben sen onlar
    """,
    "sr": """
        i u na da je se za od su sa o a ne ili ali kao do iz po koji koja koje što to ta
        taj te ga ih im nije bi bio bila bilo smo sam nas k s
    """,
    "ne": """
        र को का की मा ले लाई पनि छ छन् थियो थिए हो यो त्यो यस त्यस अनि तथा वा भने गरेको गर्न
        भएको एक सँग बाट लागि हरू नै
    """,
    "hy": """
        և է են էր ու որ մի այս այդ այն իր նրա նրանց համար հետ մեջ ից թե կամ բայց որը
        որոնք էին չի չեն մասին վրա նաև
    """,
    "ur": """
        اور کے کی کا کو میں سے نے پر یہ وہ ہے ہیں تھا تھی تھے کہ جو ایک بھی اس ان تو یا
        ہی لیے ساتھ نہیں کر
    """,
    "my": "",
}
STOP_WORDS = {
    language: frozenset(map(fold, words.split())) for language, words in WRITTEN.items()
}
