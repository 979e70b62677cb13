//! The people of the demo organisation.

/// Name of the demo organisation.
pub const ORGANIZATION: &str = "Nordlicht Robotics";
/// Mail domain of its people; `.example` belongs to nobody (RFC 2606).
pub const MAIL_DOMAIN: &str = "nordlicht.example";
/// The owner who signs in first.
pub const OWNER_EMAIL: &str = "astrid.lindqvist@nordlicht.example";

/// One person as a directory would have him.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// Part of the e-mail address before the `@`.
    pub handle: &'static str,
    /// Given name.
    pub given: &'static str,
    /// Family name.
    pub family: &'static str,
    /// Job title.
    pub title: &'static str,
    /// Department.
    pub department: &'static str,
    /// City of the office.
    pub city: &'static str,
    /// ISO 3166-1 alpha-2 code of the country.
    pub country: &'static str,
    /// Language, BCP 47.
    pub language: &'static str,
}

const fn person(
    handle: &'static str,
    (given, family): (&'static str, &'static str),
    (title, department): (&'static str, &'static str),
    (city, country, language): (&'static str, &'static str, &'static str),
) -> Person {
    Person {
        handle,
        given,
        family,
        title,
        department,
        city,
        country,
        language,
    }
}

const HAMBURG: (&str, &str, &str) = ("Hamburg", "DE", "de");
const LISBOA: (&str, &str, &str) = ("Lisboa", "PT", "pt");
const KRAKOW: (&str, &str, &str) = ("Kraków", "PL", "pl");
const OSAKA: (&str, &str, &str) = ("Ōsaka", "JP", "ja");
const DUBLIN: (&str, &str, &str) = ("Dublin", "IE", "en");

/// The owner; the address is [`OWNER_EMAIL`].
pub const OWNER: Person = person(
    "astrid.lindqvist",
    ("Astrid", "Lindqvist"),
    ("IT Manager", "IT"),
    HAMBURG,
);

/// Everybody but the owner.
pub const PEOPLE: [Person; 36] = [
    person(
        "jonas.weber",
        ("Jonas", "Weber"),
        ("Head of Engineering", "Engineering"),
        HAMBURG,
    ),
    person(
        "zofia.nowak",
        ("Zofia", "Nowak"),
        ("IT Support Lead", "IT"),
        KRAKOW,
    ),
    person(
        "sinead.obrien",
        ("Sinéad", "O’Brien"),
        ("Account Executive", "Sales"),
        DUBLIN,
    ),
    person(
        "haruka.sato",
        ("遥", "佐藤"),
        ("Firmware Engineer", "Engineering"),
        OSAKA,
    ),
    person(
        "joao.almeida",
        ("João", "Almeida"),
        ("Site Reliability Engineer", "Engineering"),
        LISBOA,
    ),
    person(
        "meike.petersen",
        ("Meike", "Petersen"),
        ("People Partner", "People"),
        HAMBURG,
    ),
    person(
        "tomasz.wojcik",
        ("Tomasz", "Wójcik"),
        ("Mechanical Engineer", "Hardware"),
        KRAKOW,
    ),
    person(
        "fatima.elamrani",
        ("Fatima", "El Amrani"),
        ("Product Manager", "Product"),
        HAMBURG,
    ),
    person(
        "conor.byrne",
        ("Conor", "Byrne"),
        ("Solutions Engineer", "Sales"),
        DUBLIN,
    ),
    person(
        "yuki.tanaka",
        ("友紀", "田中"),
        ("Quality Engineer", "Hardware"),
        OSAKA,
    ),
    person(
        "ines.ferreira",
        ("Inês", "Ferreira"),
        ("Product Designer", "Product"),
        LISBOA,
    ),
    person(
        "lukas.schaefer",
        ("Lukas", "Schäfer"),
        ("Backend Engineer", "Engineering"),
        HAMBURG,
    ),
    person(
        "agnieszka.zielinska",
        ("Agnieszka", "Zielińska"),
        ("Controller", "Finance"),
        KRAKOW,
    ),
    person(
        "rui.santos",
        ("Rui", "Santos"),
        ("Frontend Engineer", "Engineering"),
        LISBOA,
    ),
    person(
        "aoife.kelly",
        ("Aoife", "Kelly"),
        ("Customer Success Manager", "Sales"),
        DUBLIN,
    ),
    person(
        "mehmet.yilmaz",
        ("Mehmet", "Yılmaz"),
        ("Embedded Engineer", "Hardware"),
        HAMBURG,
    ),
    person(
        "pawel.kaminski",
        ("Paweł", "Kamiński"),
        ("IT Administrator", "IT"),
        KRAKOW,
    ),
    person(
        "kenji.mori",
        ("健司", "森"),
        ("Plant Manager", "Operations"),
        OSAKA,
    ),
    person(
        "clara.hoffmann",
        ("Clara", "Hoffmann"),
        ("General Counsel", "Legal"),
        HAMBURG,
    ),
    person(
        "niamh.walsh",
        ("Niamh", "Walsh"),
        ("Recruiter", "People"),
        DUBLIN,
    ),
    person(
        "diogo.costa",
        ("Diogo", "Costa"),
        ("Data Engineer", "Engineering"),
        LISBOA,
    ),
    person(
        "katarzyna.lewandowska",
        ("Katarzyna", "Lewandowska"),
        ("Accountant", "Finance"),
        KRAKOW,
    ),
    person(
        "felix.brandt",
        ("Felix", "Brandt"),
        ("Robotics Researcher", "Research"),
        HAMBURG,
    ),
    person(
        "emi.kobayashi",
        ("恵美", "小林"),
        ("Logistics Planner", "Operations"),
        OSAKA,
    ),
    person(
        "beatriz.rocha",
        ("Beatriz", "Rocha"),
        ("Marketing Lead", "Marketing"),
        LISBOA,
    ),
    person(
        "oliver.krueger",
        ("Oliver", "Krüger"),
        ("Security Engineer", "IT"),
        HAMBURG,
    ),
    person(
        "maeve.doyle",
        ("Maeve", "Doyle"),
        ("Sales Operations", "Sales"),
        DUBLIN,
    ),
    person(
        "jakub.mazur",
        ("Jakub", "Mazur"),
        ("Test Engineer", "Hardware"),
        KRAKOW,
    ),
    person(
        "leonor.pires",
        ("Leonor", "Pires"),
        ("Content Designer", "Marketing"),
        LISBOA,
    ),
    person(
        "daichi.yamamoto",
        ("大地", "山本"),
        ("Control Engineer", "Engineering"),
        OSAKA,
    ),
    person(
        "greta.lange",
        ("Greta", "Lange"),
        ("Workplace Manager", "Operations"),
        HAMBURG,
    ),
    person(
        "michal.wisniewski",
        ("Michał", "Wiśniewski"),
        ("Machine Learning Engineer", "Research"),
        KRAKOW,
    ),
    person(
        "ciaran.murphy",
        ("Ciarán", "Murphy"),
        ("Support Engineer", "Support"),
        DUBLIN,
    ),
    person(
        "sofia.marques",
        ("Sofia", "Marques"),
        ("Support Engineer", "Support"),
        LISBOA,
    ),
    person(
        "anneliese.vogt",
        ("Anneliese", "Vogt"),
        ("Chief Financial Officer", "Finance"),
        HAMBURG,
    ),
    person(
        "hiroshi.nakamura",
        ("浩", "中村"),
        ("Field Engineer", "Support"),
        OSAKA,
    ),
];

impl Person {
    /// E-mail address, also the user name.
    #[must_use]
    pub fn email(&self) -> String {
        format!("{}@{MAIL_DOMAIN}", self.handle)
    }
}
