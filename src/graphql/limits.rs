//! What a document may cost, decided before the engine sees it.
//!
//! The engine's parser recurses on brackets, and its rules expand fragments again at every spread, so a small text can
//! overflow the stack or run for minutes before the engine's own depth and complexity limits are reached.
//! [`DocumentLimits::scan`] looks at the bare text in one pass without recursion; [`DocumentLimits::check`] looks at the
//! parsed document and visits every fragment once.

use std::collections::HashMap;

use async_graphql::parser::types::{
    ExecutableDocument, Field, FragmentDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, ServerError};

use super::error::Code;
use super::limits_scan::{Counts, count};

/// Levels of fields, for the schema's builder: GraphiQL's introspection query needs 15, the deepest screen of a panel about 10.
pub const MAX_DEPTH: usize = 15;
/// Complexity, for the schema's builder: GraphiQL's introspection query has 230; a page of 100 items with 20 fields has 2,000.
pub const MAX_COMPLEXITY: usize = 5_000;
/// Directives on one field, for the schema's builder: `@include` and `@skip`, with room to spare.
pub const MAX_DIRECTIVES_PER_FIELD: usize = 5;

/// What the engine itself counts, in its own terms. Each is exceeded by one more than it says.
#[derive(Clone, Copy, Debug)]
pub struct EngineLimits {
    /// Levels of fields.
    pub depth: usize,
    /// Fields, those of a list as often as it may have items.
    pub complexity: usize,
}

impl Default for EngineLimits {
    fn default() -> Self {
        Self {
            depth: MAX_DEPTH,
            complexity: MAX_COMPLEXITY,
        }
    }
}

/// The limits on a document's text and shape. Each is exceeded by one more than it says.
#[derive(Clone, Debug)]
pub struct DocumentLimits {
    /// Length of the text.
    pub bytes: usize,
    /// Names, punctuators, numbers and strings.
    pub tokens: usize,
    /// Brackets open at once, of all kinds: braces, parentheses, square brackets.
    pub brackets: usize,
    /// `...` in the text, with and without a name.
    pub spreads: usize,
    /// `@` in the text.
    pub directives: usize,
    /// Fields with an alias.
    pub aliases: usize,
    /// Times that one response key stands in one selection set.
    pub repeats: usize,
    /// Selections once every fragment is written out where it is spread.
    pub expanded: usize,
    /// Lists of the schema's own description inside each other, below `__schema` or `__type`.
    pub introspection_lists: usize,
    /// Fields of the root of one operation, fragments written out.
    pub root_fields: usize,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self {
            // A panel's largest document with all its fragments is about 10 KB.
            bytes: 64 * 1024,
            // The same document has about 1,500; a hundred rows of input written inline have about 3,000.
            tokens: 8_000,
            // MAX_DEPTH of fields and as much again for arguments; the parser's stack holds more than twice that.
            brackets: 32,
            // Panels of the Relay kind spread one fragment a component.
            spreads: 200,
            directives: 100,
            // An alias is how one request asks the same thing many times.
            aliases: 50,
            // The engine resolves every copy on its own before it merges them.
            repeats: 10,
            // What the engine walks several times over; 20 times GraphiQL's introspection query.
            expanded: 2_000,
            // The answer grows with the number of types by every level, and what introspects costs nothing towards the engine's limit on complexity:
            // seven levels are hundreds of millions of entries. Tools need one; graphql-js permits two.
            introspection_lists: 2,
            // Screens ask for a handful of things; each field of the root is a question of its own.
            root_fields: 30,
        }
    }
}

impl DocumentLimits {
    /// Looks at the text alone: size, tokens, brackets, spreads, directives.
    ///
    /// # Errors
    /// `QUERY_TOO_COMPLEX` at the first limit that is exceeded, `GRAPHQL_PARSE_FAILED` for a string without end.
    pub fn scan(&self, text: &str) -> Result<(), ServerError> {
        within("bytes", text.len(), self.bytes)?;
        let Counts {
            tokens,
            brackets,
            spreads,
            directives,
            unterminated,
        } = count(text, self.tokens);
        if unterminated {
            return Err(Code::GraphqlParseFailed.at(None, "A string does not end."));
        }
        within("tokens", tokens, self.tokens)?;
        within("levels of brackets", brackets, self.brackets)?;
        within("fragment spreads", spreads, self.spreads)?;
        within("directives", directives, self.directives)
    }

    /// Looks at the parsed document: fragment cycles, aliases, repeated fields, introspection in circles, and the size after expansion.
    ///
    /// # Errors
    /// `GRAPHQL_VALIDATION_FAILED` for a fragment that spreads itself, `QUERY_TOO_COMPLEX` for the rest.
    pub fn check(&self, document: &ExecutableDocument) -> Result<(), ServerError> {
        let mut walk = Walk {
            limits: self,
            fragments: &document.fragments,
            extents: HashMap::new(),
            aliases: 0,
        };
        let mut total = 0_usize;
        for name in document.fragments.keys() {
            total = total.saturating_add(walk.fragment(name)?.size);
        }
        for (_, operation) in document.operations.iter() {
            total = total.saturating_add(walk.set(&operation.node.selection_set.node)?.size);
        }
        within("aliases", walk.aliases, self.aliases)?;
        within("fields after expansion of fragments", total, self.expanded)?;
        for (_, operation) in document.operations.iter() {
            let fields = walk.fields(&operation.node.selection_set.node);
            within("fields of the root", fields, self.root_fields)?;
        }
        Ok(())
    }
}

fn within(what: &str, found: usize, limit: usize) -> Result<(), ServerError> {
    if found <= limit {
        return Ok(());
    }
    Err(Code::QueryTooComplex.at(None, format!("The document has more than {limit} {what}.")))
}

/// What a selection set amounts to once its fragments are written out.
#[derive(Clone, Copy, Default)]
struct Extent {
    /// Selections.
    size: usize,
    /// Lists of introspection inside each other, at the deepest place. Looked at below `__schema` and `__type` only, where fields of ours with such
    /// names cannot be.
    lists: usize,
}

/// The lists by which introspection comes from a type to others (specification, §4.2). `types` and `directives` stand at the top only, and `args` only below
/// one of these.
const INTROSPECTION_LISTS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// `None` while the fragment is being measured: meeting it again then is a cycle.
type Extents<'a> = HashMap<&'a str, Option<Extent>>;

struct Walk<'a> {
    limits: &'a DocumentLimits,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    extents: Extents<'a>,
    aliases: usize,
}

impl<'a> Walk<'a> {
    /// Fields of a selection set itself. What is counted here is known to be small, and without circles.
    fn fields(&self, set: &SelectionSet) -> usize {
        let of = |selection: &Positioned<Selection>| match &selection.node {
            Selection::Field(_) => 1,
            Selection::InlineFragment(fragment) => self.fields(&fragment.node.selection_set.node),
            Selection::FragmentSpread(spread) => self
                .fragments
                .get(&spread.node.fragment_name.node)
                .map_or(0, |fragment| self.fields(&fragment.node.selection_set.node)),
        };
        set.items.iter().map(of).sum()
    }

    /// Extent of a fragment; nothing when it does not exist, which is for the engine's rules to report.
    fn fragment(&mut self, name: &str) -> Result<Extent, ServerError> {
        let fragments = self.fragments;
        let Some((name, definition)) = fragments.get_key_value(name) else {
            return Ok(Extent::default());
        };
        match self.extents.get(name.as_str()) {
            Some(Some(extent)) => return Ok(*extent),
            Some(None) => {
                let message = format!("Fragment \"{name}\" spreads itself.");
                return Err(Code::GraphqlValidationFailed.at(Some(definition.pos), message));
            }
            None => {}
        }
        self.extents.insert(name, None);
        let extent = self.set(&definition.node.selection_set.node)?;
        self.extents.insert(name, Some(extent));
        Ok(extent)
    }

    fn set(&mut self, set: &'a SelectionSet) -> Result<Extent, ServerError> {
        let mut keys: HashMap<&str, usize> = HashMap::new();
        let mut extent = Extent::default();
        for selection in &set.items {
            let inner = match &selection.node {
                Selection::Field(field) => {
                    self.aliases += usize::from(field.node.alias.is_some());
                    let copies = keys
                        .entry(field.node.response_key().node.as_str())
                        .or_default();
                    *copies += 1;
                    within("copies of one field", *copies, self.limits.repeats)?;
                    self.field(&field.node)?
                }
                Selection::InlineFragment(fragment) => {
                    self.set(&fragment.node.selection_set.node)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node)?
                }
            };
            extent.size = extent.size.saturating_add(inner.size).saturating_add(1);
            extent.lists = extent.lists.max(inner.lists);
        }
        Ok(extent)
    }

    /// What is below a field, and whether the field is a list of introspection itself.
    fn field(&mut self, field: &'a Field) -> Result<Extent, ServerError> {
        let mut extent = self.set(&field.selection_set.node)?;
        let name = field.name.node.as_str();
        if name == "__schema" || name == "__type" {
            let what = "lists of introspection inside each other";
            within(what, extent.lists, self.limits.introspection_lists)?;
        }
        extent.lists += usize::from(INTROSPECTION_LISTS.contains(&name));
        Ok(extent)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use async_graphql::parser::parse_query;

    use super::*;

    fn verdict(text: &str) -> Result<(), String> {
        let limits = DocumentLimits::default();
        let refused = |e: ServerError| e.message;
        limits.scan(text).map_err(refused)?;
        limits
            .check(&parse_query(text).map_err(|e| e.to_string())?)
            .map_err(refused)
    }

    #[test]
    fn each_limit_holds_at_its_value_and_not_one_above() {
        let limits = DocumentLimits::default();
        let cases: [(usize, &dyn Fn(usize) -> String); 10] = [
            (limits.bytes, &|n| format!("{{a}}{}", " ".repeat(n - 3))),
            (limits.tokens, &|n| {
                format!("{{a(x:[{}])}}", "1 ".repeat(n - 9))
            }),
            (limits.brackets, &|n| {
                format!("{{a(x:{}{})}}", "[".repeat(n - 2), "]".repeat(n - 2))
            }),
            (limits.spreads, &|n| {
                format!("{{b{{{}}}}}", "...{a}".repeat(n))
            }),
            (limits.directives, &|n| format!("{{a {}}}", "@d ".repeat(n))),
            (limits.aliases, &|n| {
                format!("{{b{{{}}}}}", numbered(n, |i| format!("a{i}:a ")))
            }),
            (limits.repeats, &|n| format!("{{{}}}", "a ".repeat(n))),
            (limits.expanded, &|n| {
                format!("{{b{{{}}}}}", numbered(n - 1, |i| format!("a{i} ")))
            }),
            (limits.root_fields, &|n| {
                let fields = numbered(n - 1, |i| format!("a{i} "));
                format!("{{...F ...on Query{{b}}}} fragment F on Query{{{fields}}}")
            }),
            (limits.introspection_lists, &|n| {
                let (open, close) = ("possibleTypes{interfaces{", "}}");
                let odd = if n % 2 == 0 { "name" } else { "fields{name}" };
                let deep = (open.repeat(n / 2), close.repeat(n / 2));
                format!("{{__type(name:\"Node\"){{{}{odd}{}}}}}", deep.0, deep.1)
            }),
        ];
        for (limit, text) in cases {
            assert_eq!(verdict(&text(limit)), Ok(()), "at {limit}");
            assert!(verdict(&text(limit + 1)).is_err(), "above {limit}");
        }
    }

    fn numbered(n: usize, part: impl Fn(usize) -> String) -> String {
        (0..n).map(part).collect()
    }

    #[test]
    fn a_fragment_bomb_is_measured_without_expanding_it() {
        let mut text = String::from("{...F0}");
        for i in 0..60 {
            write!(text, "fragment F{i} on Query{{...F{n} ...F{n}}}", n = i + 1).unwrap();
        }
        text.push_str("fragment F60 on Query{a}");
        assert!(verdict(&text).unwrap_err().contains("after expansion"));
    }

    #[test]
    fn introspection_in_circles_is_found_through_fragments() {
        let text = "{__schema{types{...A}}} fragment A on __Type{possibleTypes{...B}} fragment B on __Type{interfaces{...C}} \
                    fragment C on __Type{...{fields{name}}}";
        assert!(verdict(text).unwrap_err().contains("introspection"));
        assert_eq!(verdict("{users{nodes{fields{fields{fields{a}}}}}}"), Ok(()));
    }

    #[test]
    fn fragments_in_a_circle_are_refused() {
        let circle = "{...A} fragment A on Query{...B} fragment B on Query{x{...A}}";
        assert!(verdict(circle).unwrap_err().contains("spreads itself"));
        assert!(verdict("{a} fragment A on Query{...A}").is_err());
    }

    #[test]
    fn a_deep_document_does_not_reach_the_parser() {
        for bracket in ["{a", "[", "{a(x:{y:"] {
            let text = format!("{{a(x:{}", bracket.repeat(7_000));
            assert!(DocumentLimits::default().scan(&text).is_err());
        }
    }

    #[test]
    fn the_deepest_document_that_passes_fits_a_small_stack() {
        let limits = DocumentLimits::default();
        let text = format!(
            "{}a{}",
            "{a".repeat(limits.brackets),
            "}".repeat(limits.brackets)
        )
        .replacen("aa", "a", 1);
        limits.scan(&text).unwrap();
        let parse = move || parse_query(&text).is_ok();
        assert!(
            std::thread::Builder::new()
                .stack_size(1024 * 1024)
                .spawn(parse)
                .unwrap()
                .join()
                .unwrap()
        );
    }

    #[test]
    fn graphiqls_introspection_passes() {
        assert_eq!(
            verdict(include_str!("../../tests/documents/introspection.graphql")),
            Ok(())
        );
    }
}
