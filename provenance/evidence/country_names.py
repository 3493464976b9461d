"""Names of countries beyond those that GeoNames and CLDR give them."""

LANGUAGES = ("en", "fr", "ar", "ku", "tr", "fa", "ru", "uk", "he", "es", "de", "it", "pt", "zh", "hy")
"""In which CLDR is asked for the names of countries."""

_ARABIC_SPEAKING = "AE BH DJ DZ EG IL IQ JO KW LB LY MA MR OM PS QA SA SD SO SY TN YE"
ARABIC_SPEAKING = frozenset(_ARABIC_SPEAKING.split())
"""Where names of cities are transliterated from Arabic, each newsroom in its own way."""

OTHER_NAMES = {
    "AE": ("UAE", "Emirates", "الإمارات"),
    "BA": ("Bosnia",),
    "CD": ("DRC", "DR Congo", "Zaire"),
    "CN": ("PRC",),
    "CZ": ("Czech Republic",),
    "EH": ("Western Sahara",),
    "GB": ("UK", "U.K.", "Britain", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland"),
    "KP": ("DPRK",),
    "MM": ("Burma", "Myanmar"),
    "NL": ("Holland",),
    "PS": ("Palestine", "فلسطين", "Filistin", "Палестина", "פלסטין", "Palästina", "Palestina",
           "State of Palestine", "Occupied Palestinian Territory", "West Bank", "Gaza Strip", "قطاع غزة",
           "الضفة الغربية"),
    "RU": ("Russian Federation",),
    "SA": ("KSA", "السعودية"),
    "SY": ("Syrian Arab Republic", "سورية", "الجمهورية العربية السورية", "Rojava"),
    "TR": ("Turkey", "Turkiye"),
    "US": ("USA", "U.S.", "U.S.A.", "America", "United States of America", "أمريكا", "США"),
    "VA": ("Vatican",),
    "YE": ("Republic of Yemen",),
}  # fmt: skip
"""Short, former and official names, by ISO code; parts that are written like countries."""
