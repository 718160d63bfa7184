//! Routes: which function a path belongs to.
//!
//! Section 1 of the reference; ASP.NET Core's route templates as far as a function app needs them:
//! literals in any case, `{parameter}`, `{parameter?}` at the end, `{*catchall}` at the end.
//! Constraints, default values and segments of several parts are refused.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

/// Parsed route template, prefix included.
#[derive(Debug)]
pub(crate) struct Template(Vec<Segment>);

#[derive(Debug)]
enum Segment {
    Literal(String),
    Parameter,
    Optional,
    CatchAll,
}

/// Why a route template is refused.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// `//` inside, as a prefix and a route with a leading slash give.
    #[error("a separator must not follow another in `{0}`, leave out the leading or doubled slash")]
    EmptySegment(String),
    /// A parameter without a name, or a brace without its partner.
    #[error("braces in `{0}` must enclose a parameter's name")]
    Parameter(String),
    /// The same parameter twice.
    #[error("parameter `{0}` appears more than once, a name must be unique in its route")]
    Repeated(String),
    /// Something after a catch-all or an optional parameter.
    #[error("`{0}` must be the last segment of its route")]
    NotLast(String),
    /// A part of the template language that is not implemented here.
    #[error("`{0}` has a constraint, a default or several parts, which this host does not know")]
    Unsupported(String),
}

impl Template {
    /// Joins prefix and route as the host does and parses the result.
    pub(crate) fn parse(prefix: &str, route: &str) -> Result<Self, TemplateError> {
        let joined = if prefix.is_empty() {
            route.to_owned()
        } else {
            format!("{prefix}/{route}")
        };
        let template = joined.strip_prefix('/').unwrap_or(&joined);
        let template = template.strip_suffix('/').unwrap_or(template);
        let (mut segments, mut names) = (Vec::new(), BTreeSet::new());
        for text in template.split('/').filter(|_| !template.is_empty()) {
            if let Some((Segment::Optional | Segment::CatchAll, last)) = segments.last() {
                return Err(TemplateError::NotLast(String::clone(last)));
            }
            let (segment, name) = Segment::parse(text, &joined)?;
            if name.is_some_and(|name| !names.insert(name.to_lowercase())) {
                return Err(TemplateError::Repeated(text.to_owned()));
            }
            segments.push((segment, text.to_owned()));
        }
        Ok(Self(
            segments.into_iter().map(|(segment, _)| segment).collect(),
        ))
    }

    /// Matches an absolute path; escapes count as what they stand for, a final slash not at all.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut parts = path.split('/').filter(|_| !path.is_empty());
        for segment in &self.0 {
            let part = parts
                .next()
                .map(|part| percent_decode_str(part).decode_utf8_lossy());
            let fits = match segment {
                Segment::CatchAll => return true,
                Segment::Literal(text) => part.is_some_and(|part| part.to_lowercase() == *text),
                Segment::Parameter => part.is_some_and(|part| !part.is_empty()),
                Segment::Optional => part.is_none_or(|part| !part.is_empty()),
            };
            if !fits {
                return false;
            }
        }
        parts.next().is_none()
    }
}

impl Segment {
    /// The segment, and the parameter's name if it is one.
    fn parse<'a>(text: &'a str, template: &str) -> Result<(Self, Option<&'a str>), TemplateError> {
        if text.is_empty() {
            return Err(TemplateError::EmptySegment(template.to_owned()));
        }
        if !text.contains(['{', '}']) {
            let plain = !text.contains(['?', '~']);
            let literal = (Self::Literal(text.to_lowercase()), None);
            return plain
                .then_some(literal)
                .ok_or(TemplateError::Unsupported(text.to_owned()));
        }
        let inside = text
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        let inside = inside.ok_or_else(|| match text.matches(['{', '}']).count() % 2 {
            0 => TemplateError::Unsupported(text.to_owned()),
            _ => TemplateError::Parameter(text.to_owned()),
        })?;
        let (segment, name) = if let Some(name) = inside.strip_prefix('*') {
            (Self::CatchAll, name.strip_prefix('*').unwrap_or(name))
        } else if let Some(name) = inside.strip_suffix('?') {
            (Self::Optional, name)
        } else {
            (Self::Parameter, inside)
        };
        match name {
            "" => Err(TemplateError::Parameter(text.to_owned())),
            name if name.contains([':', '=', '{', '}', '?', '*']) => {
                Err(TemplateError::Unsupported(text.to_owned()))
            }
            name => Ok((segment, Some(name))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn matches(route: &str, path: &str, expected: bool) {
        let template = Template::parse("api", route).unwrap();
        assert_eq!(template.matches(path), expected, "{route} {path}");
    }

    #[track_caller]
    fn refuses(route: &str, message: &str) {
        let error = Template::parse("api", route).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }

    #[test]
    fn matching() {
        matches("allocate", "/api/allocate", true);
        matches("allocate", "/API/Allocate/", true);
        matches("allocate", "/api/%61llocate", true);
        matches("allocate", "/allocate", false);
        matches("allocate", "/api/allocate/more", false);
        matches("allocate", "/api", false);
        matches("tenants/{id}", "/api/tenants/a", true);
        matches("tenants/{id}", "/api/tenants/a%2Fb", true);
        matches("tenants/{id}", "/api/tenants", false);
        matches("tenants/{id}", "/api/tenants//", false);
        matches("tenants/{id?}", "/api/tenants", true);
        matches("tenants/{id?}", "/api/tenants/a", true);
        matches("{*rest}", "/api", true);
        matches("{*rest}", "/api/a/b/c", true);
        matches("{**rest}", "/api/a/b/c", true);
        matches("{*rest}", "/other", false);
    }

    #[test]
    fn prefixes() {
        assert!(
            Template::parse("", "allocate")
                .unwrap()
                .matches("/allocate")
        );
        assert!(
            Template::parse("", "/allocate")
                .unwrap()
                .matches("/allocate")
        );
        assert!(Template::parse("", "{*rest}").unwrap().matches("/"));
        assert!(
            Template::parse("dps/v1", "allocate")
                .unwrap()
                .matches("/dps/v1/allocate")
        );
    }

    #[test]
    fn refusals() {
        refuses("/allocate", "must not follow another");
        refuses("a//b", "must not follow another");
        refuses("{}", "parameter's name");
        refuses("{id", "parameter's name");
        refuses("{id}/{ID}", "more than once");
        refuses("{*rest}/more", "must be the last");
        refuses("{id?}/more", "must be the last");
        refuses("{id:int}", "does not know");
        refuses("{id=1}", "does not know");
        refuses("a{id}", "does not know");
        refuses("{a}-{b}", "does not know");
        refuses("what?", "does not know");
    }
}
