//! Recursive descent over the tokens. `and` binds tighter than `or`, as in SCIM (RFC 7644 §3.4.2.2).

use std::{iter::Peekable, vec::IntoIter};

use serde_json::Value;

use super::{
    Dialect, Expression, Operator,
    lexer::{Token, tokens},
};

/// Parentheses within parentheses that are followed; deeper ones are refused.
const DEEPEST: usize = 32;

/// The condition that a text stands for, or what is wrong with it.
pub(crate) fn parse(text: &str, dialect: Dialect) -> Result<Expression, String> {
    let mut parser = Parser {
        tokens: tokens(text)?.into_iter().peekable(),
        dialect,
        depth: 0,
    };
    let expression = parser.disjunction()?;
    match parser.tokens.next() {
        None => Ok(expression),
        Some(token) => Err(format!("Unexpected {token:?}")),
    }
}

struct Parser {
    tokens: Peekable<IntoIter<Token>>,
    dialect: Dialect,
    depth: usize,
}

impl Parser {
    fn disjunction(&mut self) -> Result<Expression, String> {
        let mut left = self.conjunction()?;
        while self.keyword("or") {
            left = Expression::Or(Box::new(left), Box::new(self.conjunction()?));
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Expression, String> {
        let mut left = self.condition()?;
        while self.keyword("and") {
            left = Expression::And(Box::new(left), Box::new(self.condition()?));
        }
        Ok(left)
    }

    fn condition(&mut self) -> Result<Expression, String> {
        if self.dialect.permits_negation() && self.keyword("not") {
            return Ok(Expression::Not(Box::new(self.group()?)));
        }
        if self.tokens.peek() == Some(&Token::Open) {
            return self.group();
        }
        self.comparison()
    }

    fn group(&mut self) -> Result<Expression, String> {
        self.expect(&Token::Open)?;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("Too many nested conditions".into());
        }
        let inner = self.disjunction()?;
        self.depth -= 1;
        self.expect(&Token::Close)?;
        Ok(inner)
    }

    fn comparison(&mut self) -> Result<Expression, String> {
        let path = self.word("an attribute")?;
        if !self.dialect.knows(&path) {
            return Err(format!("Unsupported attribute {path}"));
        }
        let name = self.word("an operator")?.to_ascii_lowercase();
        if name == "pr" && self.dialect.permits_presence() {
            return Ok(Expression::Present(path));
        }
        let operator = operator(&name)
            .filter(|operator| self.dialect.permits(&path, *operator))
            .ok_or_else(|| format!("Unsupported operator {name} for {path}"))?;
        let value = self.literal()?;
        Ok(Expression::Compare(path, operator, value))
    }

    fn literal(&mut self) -> Result<Value, String> {
        match self.tokens.next() {
            Some(Token::Literal(value)) => Ok(value),
            Some(Token::Word(word)) if word == "true" || word == "false" => {
                Ok(Value::Bool(word == "true"))
            }
            Some(Token::Word(word)) if word == "null" => Ok(Value::Null),
            _ => Err("Expected a value".into()),
        }
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let is_keyword = |token: &Token| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case(keyword));
        self.tokens.next_if(is_keyword).is_some()
    }

    fn word(&mut self, expected: &str) -> Result<String, String> {
        match self.tokens.next() {
            Some(Token::Word(word)) => Ok(word),
            _ => Err(format!("Expected {expected}")),
        }
    }

    fn expect(&mut self, expected: &Token) -> Result<(), String> {
        match self.tokens.next() {
            Some(token) if token == *expected => Ok(()),
            _ => Err(format!("Expected {expected:?}")),
        }
    }
}

fn operator(name: &str) -> Option<Operator> {
    Some(match name {
        "eq" => Operator::Eq,
        "ne" => Operator::Ne,
        "sw" => Operator::Sw,
        "ew" => Operator::Ew,
        "co" => Operator::Co,
        "gt" => Operator::Gt,
        "ge" => Operator::Ge,
        "lt" => Operator::Lt,
        "le" => Operator::Le,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn and_binds_tighter_than_or() {
        let parsed = parse(
            r#"id eq "a" or id eq "b" and status eq "c""#,
            Dialect::UserSearch,
        )
        .unwrap();
        assert!(
            matches!(parsed, Expression::Or(_, right) if matches!(*right, Expression::And(..)))
        );
    }

    #[test]
    fn dialects_refuse_what_okta_refuses() {
        let refused = |text, dialect| parse(text, dialect).is_err();
        assert!(refused(r#"profile.city eq "Oslo""#, Dialect::UserFilter));
        assert!(!refused(r#"profile.city eq "Oslo""#, Dialect::UserSearch));
        assert!(refused(r#"profile.city co "Os""#, Dialect::UserSearch));
        assert!(!refused(r#"profile.lastName co "Os""#, Dialect::UserSearch));
        assert!(refused(r#"status ne "ACTIVE""#, Dialect::UserSearch));
        assert!(refused(r#"not (status eq "ACTIVE")"#, Dialect::UserSearch));
        assert!(refused(r#"status sw "A""#, Dialect::UserFilter));
        assert!(refused("profile.city pr", Dialect::UserFilter));
        assert!(!refused(r#"not (eventType eq "x")"#, Dialect::Log));
    }

    #[test]
    fn malformed_text_and_bottomless_nesting_are_refused() {
        for bad in [
            "",
            "status",
            "status eq",
            r#"status eq "A" and"#,
            r#"(status eq "A""#,
            r#"status eq "A")"#,
        ] {
            assert!(parse(bad, Dialect::UserSearch).is_err(), "{bad}");
        }
        let deep = format!("{}status pr{}", "(".repeat(5000), ")".repeat(5000));
        assert!(parse(&deep, Dialect::UserSearch).is_err());
    }
}
