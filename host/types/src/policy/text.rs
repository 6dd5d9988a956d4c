//! The text of a policy: reading it, with the place of what is wrong, and writing it.

use super::{Expression, InvalidPolicy, Policy, Principal};
use crate::limits::{POLICY_DEPTH_MAX, POLICY_TEXT_BYTES_MAX};
use crate::{MemberName, OrgId, Role};
use std::fmt;
use std::str::FromStr;

/// A text that is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {position}: {problem}")]
pub struct PolicySyntax {
    /// The character, from 1 on, at which it shows.
    pub position: usize,
    /// What is wrong, and what would be right.
    pub problem: String,
}

/// Words that are no organisation's name here.
const WORDS: [&str; 7] = ["and", "or", "of", "any", "majority", "role", "org"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Open,
    Close,
    Comma,
    Word(&'a str),
}

impl FromStr for Policy {
    type Err = PolicySyntax;

    fn from_str(text: &str) -> Result<Self, PolicySyntax> {
        if text.len() > POLICY_TEXT_BYTES_MAX {
            let problem = format!("a policy is at most {POLICY_TEXT_BYTES_MAX} bytes long, this is {}", text.len());
            return Err(PolicySyntax { position: 1, problem });
        }
        let mut parser = Parser { tokens: tokens(text)?, next: 0, end: text.chars().count() + 1, depth: 0 };
        let expression = parser.policy()?;
        if parser.next < parser.tokens.len() {
            return Err(parser.expected("\"and\", \"or\" or the end"));
        }
        Self::new(expression).map_err(|error: InvalidPolicy| PolicySyntax { position: 1, problem: error.to_string() })
    }
}

/// Tokens with the place of their first character, from 1 on.
fn tokens(text: &str) -> Result<Vec<(usize, Token<'_>)>, PolicySyntax> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '/');
    let mut tokens = Vec::new();
    let mut characters = text.char_indices().zip(1..).peekable();
    while let Some(((start, c), position)) = characters.next() {
        let token = match c {
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            c if c.is_whitespace() => continue,
            c if is_word(c) => {
                let mut end = start + c.len_utf8();
                while let Some(((at, c), _)) = characters.next_if(|((_, c), _)| is_word(*c)) {
                    end = at + c.len_utf8();
                }
                Token::Word(&text[start..end])
            }
            c => {
                let problem = format!("{c:?} has no place in a policy: write \"and\", \"or\", \"2 of (a, b)\"");
                return Err(PolicySyntax { position, problem });
            }
        };
        tokens.push((position, token));
    }
    Ok(tokens)
}

struct Parser<'a> {
    tokens: Vec<(usize, Token<'a>)>,
    next: usize,
    /// The place behind the last character.
    end: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.next).map(|(_, token)| *token)
    }

    fn position(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |(position, _)| *position)
    }

    fn take(&mut self, token: Token<'_>) -> bool {
        let found = self.peek() == Some(token);
        self.next += usize::from(found);
        found
    }

    fn expected(&self, what: &str) -> PolicySyntax {
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some(Token::Open) => "\"(\"".to_owned(),
            Some(Token::Close) => "\")\"".to_owned(),
            Some(Token::Comma) => "\",\"".to_owned(),
            Some(Token::Word(word)) => format!("{word:?}"),
        };
        PolicySyntax { position: self.position(), problem: format!("expected {what}, found {found}") }
    }

    fn policy(&mut self) -> Result<Expression, PolicySyntax> {
        self.chain("or", Expression::Any, |parser| parser.chain("and", Expression::All, Self::factor))
    }

    fn chain(
        &mut self,
        word: &str,
        join: fn(Vec<Expression>) -> Expression,
        mut part: impl FnMut(&mut Self) -> Result<Expression, PolicySyntax>,
    ) -> Result<Expression, PolicySyntax> {
        let first = part(self)?;
        let mut parts = vec![first];
        while self.take(Token::Word(word)) {
            parts.push(part(self)?);
        }
        Ok(match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                join(parts)
            }
        })
    }

    fn factor(&mut self) -> Result<Expression, PolicySyntax> {
        const WANTED: &str = "an organisation, \"role:…\", \"any\", \"majority\", \"2 of …\" or \"(\"";
        match self.peek() {
            Some(Token::Open) => self.brackets(Self::policy),
            Some(Token::Word(word)) => {
                let followed_by_of = self.tokens.get(self.next + 1).map(|(_, token)| *token) == Some(Token::Word("of"));
                if followed_by_of {
                    return self.out_of(word);
                }
                if matches!(word, "and" | "or" | "of") {
                    return Err(self.expected(WANTED));
                }
                let expression =
                    if word == "majority" { Expression::Majority } else { Expression::One(self.principal(word)?) };
                self.next += 1;
                Ok(expression)
            }
            _ => Err(self.expected(WANTED)),
        }
    }

    /// What stands in brackets. Nesting is counted here, before the stack would be.
    fn brackets<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, PolicySyntax>) -> Result<T, PolicySyntax> {
        if !self.take(Token::Open) {
            return Err(self.expected("\"(\""));
        }
        self.depth += 1;
        if self.depth > 2 * POLICY_DEPTH_MAX {
            let problem = InvalidPolicy::TooDeep.to_string();
            return Err(PolicySyntax { position: self.position(), problem });
        }
        let found = inner(self)?;
        self.depth -= 1;
        if self.take(Token::Close) { Ok(found) } else { Err(self.expected("\")\"")) }
    }

    /// `COUNT of PRINCIPAL` or `COUNT of (POLICY, …)`, at its count.
    fn out_of(&mut self, count: &str) -> Result<Expression, PolicySyntax> {
        let at_count = self.position();
        let wrong = |problem: String| PolicySyntax { position: at_count, problem };
        let number = count.parse::<u8>();
        if number.is_err() && count != "majority" {
            return Err(wrong(format!("expected a number up to 64 before \"of\", found {count:?}")));
        }
        self.next += 2;
        if let (Some(Token::Word(word)), Ok(number)) = (self.peek(), number.clone()) {
            let principal = self.principal(word)?;
            self.next += 1;
            return Ok(Expression::Several(number, principal));
        }
        let parts = self.brackets(|parser| {
            let mut parts = vec![parser.policy()?];
            while parser.take(Token::Comma) {
                parts.push(parser.policy()?);
            }
            Ok(parts)
        })?;
        let needed = match number {
            Ok(number) => number,
            Err(_) => u8::try_from(parts.len() / 2 + 1).map_err(|_| wrong(InvalidPolicy::TooLarge.to_string()))?,
        };
        let expression = Expression::OutOf(needed, parts);
        Policy::new(expression).map(|policy| policy.0).map_err(|error| wrong(error.to_string()))
    }

    fn principal(&self, word: &str) -> Result<Principal, PolicySyntax> {
        principal(word).map_err(|problem| PolicySyntax { position: self.position(), problem })
    }
}

fn principal(word: &str) -> Result<Principal, String> {
    let role = |text: &str| text.parse::<Role>().map_err(|error| error.to_string());
    let name = |text: &str| OrgId::new(text).map_err(|error| error.to_string());
    let mut parts = word.split(':');
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    match (first, &rest[..]) {
        ("any", []) => Ok(Principal::Anyone(None)),
        ("any", [own]) => Ok(Principal::Anyone(Some(role(own)?))),
        ("role", [kind]) => Ok(Principal::Kind(role(kind)?, None)),
        ("role", [kind, own]) => Ok(Principal::Kind(role(kind)?, Some(role(own)?))),
        ("org", [org]) => named(org),
        ("org", [org, own]) => Ok(Principal::Organisation(name(org)?, Some(role(own)?))),
        (word, []) if WORDS.contains(&word) => Err(format!("{word:?} is a word of policies: write org:{word}")),
        (org, []) => named(org),
        (org, [own]) if !WORDS.contains(&org) => Ok(Principal::Organisation(name(org)?, Some(role(own)?))),
        _ => Err(format!("{word:?} is nobody: write an organisation, ORGANISATION:ROLE, role:ROLE or any")),
    }
}

/// An organisation or one of its members.
fn named(text: &str) -> Result<Principal, String> {
    let name = |text: &str| OrgId::new(text).map_err(|error| error.to_string());
    match text.split_once('/') {
        None => Ok(Principal::Organisation(name(text)?, None)),
        Some((org, member)) => {
            let member = MemberName::new(member).map_err(|error| error.to_string())?;
            Ok(Principal::Member(name(org)?, member))
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = match self {
            Self::Anyone(own) => {
                f.write_str("any")?;
                own
            }
            Self::Organisation(org, own) => {
                write_name(f, org)?;
                own
            }
            Self::Kind(kind, own) => {
                write!(f, "role:{kind}")?;
                own
            }
            Self::Member(org, name) => {
                write_name(f, org)?;
                return write!(f, "/{name}");
            }
        };
        own.map_or(Ok(()), |own| write!(f, ":{own}"))
    }
}

/// An organisation's name, marked as one where it would be read as something else.
fn write_name(f: &mut fmt::Formatter<'_>, org: &OrgId) -> fmt::Result {
    let name = org.as_str();
    let ambiguous = WORDS.contains(&name) || name.bytes().all(|b| b.is_ascii_digit());
    write!(f, "{}{name}", if ambiguous { "org:" } else { "" })
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(principal) => fmt::Display::fmt(principal, f),
            Self::Several(needed, principal) => write!(f, "{needed} of {principal}"),
            Self::Majority => f.write_str("majority"),
            Self::All(parts) => write_parts(f, parts, " and ", |part| matches!(part, Self::All(_) | Self::Any(_))),
            Self::Any(parts) => write_parts(f, parts, " or ", |part| matches!(part, Self::Any(_))),
            Self::OutOf(needed, parts) => {
                write!(f, "{needed} of (")?;
                write_parts(f, parts, ", ", |_| false)?;
                f.write_str(")")
            }
        }
    }
}

fn write_parts(
    f: &mut fmt::Formatter<'_>,
    parts: &[Expression],
    between: &str,
    brackets: fn(&Expression) -> bool,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        if brackets(part) { write!(f, "({part})")? } else { write!(f, "{part}")? }
    }
    Ok(())
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
