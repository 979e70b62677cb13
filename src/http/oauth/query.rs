//! The query of a journey's addresses.

/// Longest query, in bytes. State and code have well below 1,000; Okta's words on an error are a sentence.
const MAX_LENGTH: usize = 4_096;

/// Why a query is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is longer than any that Okta or we make.
    TooLong,
    /// A parameter is there twice, so that two readers could see two values.
    Twice,
}

/// The parameters that count; the rest is ignored.
#[derive(Default)]
pub(super) struct Query {
    pub(super) journey: Option<String>,
    pub(super) state: Option<String>,
    pub(super) code: Option<String>,
    pub(super) issuer: Option<String>,
    pub(super) error: Option<String>,
    pub(super) error_description: Option<String>,
}

impl Query {
    pub(super) fn read(query: Option<&str>) -> Result<Self, Refused> {
        let query = query.unwrap_or_default();
        if query.len() > MAX_LENGTH {
            return Err(Refused::TooLong);
        }
        let mut read = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let Some(place) = read.place(&name) else {
                continue;
            };
            if place.replace(value.into_owned()).is_some() {
                return Err(Refused::Twice);
            }
        }
        Ok(read)
    }

    fn place(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name {
            "journey" => Some(&mut self.journey),
            "state" => Some(&mut self.state),
            "code" => Some(&mut self.code),
            "iss" => Some(&mut self.issuer),
            "error" => Some(&mut self.error),
            "error_description" => Some(&mut self.error_description),
            _ => None,
        }
    }
}
