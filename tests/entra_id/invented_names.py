"""Invented people of an invented company: what `generate.py` draws from."""

# (as written, in Latin letters). The last rows hold the characters that products lose:
# the ladder 髙, the standing 﨑 and 祐 of other tables, 𠮷 beyond the basic plane.
SURNAMES = (
    *(("佐藤", "sato"), ("鈴木", "suzuki"), ("高橋", "takahashi"), ("田中", "tanaka")),
    *(
        ("伊藤", "ito"),
        ("渡辺", "watanabe"),
        ("山本", "yamamoto"),
        ("中村", "nakamura"),
    ),
    *(("小林", "kobayashi"), ("加藤", "kato"), ("吉田", "yoshida"), ("山田", "yamada")),
    *(
        ("佐々木", "sasaki"),
        ("山口", "yamaguchi"),
        ("松本", "matsumoto"),
        ("井上", "inoue"),
    ),
    *(("木村", "kimura"), ("林", "hayashi"), ("斎藤", "saito"), ("清水", "shimizu")),
    *(("山崎", "yamazaki"), ("森", "mori"), ("池田", "ikeda"), ("橋本", "hashimoto")),
    *(("阿部", "abe"), ("石川", "ishikawa"), ("小川", "ogawa"), ("前田", "maeda")),
    *(("岡田", "okada"), ("長谷川", "hasegawa"), ("藤田", "fujita"), ("後藤", "goto")),
    *(("近藤", "kondo"), ("村上", "murakami"), ("遠藤", "endo"), ("青木", "aoki")),
    *(("勅使河原", "teshigawara"), ("小鳥遊", "takanashi"), ("五十嵐", "igarashi")),
    *(
        ("髙橋", "takahashi"),
        ("髙木", "takagi"),
        ("山﨑", "yamasaki"),
        ("宮﨑", "miyazaki"),
    ),
    *(
        ("𠮷田", "yoshida"),
        ("𠮷野家", "yoshinoya"),
        ("渡邊", "watanabe"),
        ("齋藤", "saito"),
    ),
)

GIVEN_NAMES = (
    *(("太郎", "taro"), ("花子", "hanako"), ("健一", "kenichi"), ("大輔", "daisuke")),
    *(("翔太", "shota"), ("拓也", "takuya"), ("直樹", "naoki"), ("誠", "makoto")),
    *(("陽子", "yoko"), ("美咲", "misaki"), ("由美子", "yumiko"), ("愛", "ai")),
    *(("結衣", "yui"), ("恵", "megumi"), ("真由美", "mayumi"), ("香織", "kaori")),
    *(("和也", "kazuya"), ("隆", "takashi"), ("浩二", "koji"), ("裕子", "yuko")),
    *(("悠斗", "yuto"), ("蓮", "ren"), ("陽菜", "hina"), ("凛", "rin")),
    *(
        ("さくら", "sakura"),
        ("ひなた", "hinata"),
        ("あかり", "akari"),
        ("つむぎ", "tsumugi"),
    ),
    *(("エミリ", "emiri"), ("レイナ", "reina"), ("ジュン", "jun"), ("マリ", "mari")),
    *(
        ("祐介", "yusuke"),
        ("瑛太", "eita"),
        ("龍之介", "ryunosuke"),
        ("琥珀", "kohaku"),
    ),
)

# (given name, surname, local part of the user principal name)
FOREIGNERS = (
    ("Emma", "Fischer", "emma.fischer"),
    ("Liam", "O'Brien", "liam.o'brien"),
    ("Jürgen", "Müller", "juergen.mueller"),
    ("Thị Hương", "Nguyễn", "huong.nguyen"),
    ("María José", "Fernández de la Vega y Castillo", "mariajose.fernandez"),
    ("Naomi", "Clark", "Naomi.Clark"),
    ("민준", "김", "minjun.kim"),
    (
        "ヴォルフガング・アマデウス",
        "フォン・シュヴァルツェンベルク",
        "wolfgang.schwarzenberg",
    ),
)

# (department, how many of its people one hundred employees count)
DEPARTMENTS = (
    *(
        ("営業部", 34),
        ("開発部", 18),
        ("カスタマーサポート部", 12),
        ("マーケティング部", 8),
    ),
    *(("情報システム部", 6), ("品質保証部", 6), ("人事部", 5), ("経理部", 5)),
    *(("総務部", 4), ("法務部", 2)),
)
COMPANIES = (
    "株式会社みほん商事",
    "みほんシステムズ株式会社",
    "みほんロジスティクス株式会社",
)
# (title, how many of its holders a department has at most); whoever is left has none.
TITLES = (("課長", 2), ("係長", 3), ("主任", 12))

# (city, region, postal code, street)
OFFICES = (
    ("千代田区", "東京都", "100-0001", "見本町1-2-3 みほんビル8階"),
    ("大阪市北区", "大阪府", "530-0001", "見本筋4-5 みほんタワー"),
    ("福岡市博多区", "福岡県", "812-0011", "例町6-7-8"),
)
