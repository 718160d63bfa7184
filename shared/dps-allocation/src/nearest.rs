//! Suggestions for names that do not exist.

/// The name that was probably meant, if one is near.
///
/// A quarter of the letters may be wrong, three at most, and one where there are three; case does
/// not count. Of two host names in one domain only the first labels are compared.
pub fn nearest<'n>(written: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let near = names
        .into_iter()
        .filter_map(|name| Some((distance(written, name)?, name)));
    near.min().map(|(_, name)| name)
}

/// `did you mean X? `, a prefix of help; empty if no name is near.
#[must_use]
pub fn did_you_mean<'n>(written: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    let nearest = nearest(written, names);
    nearest.map_or_else(String::new, |name| format!("did you mean `{name}`? "))
}

/// How many letters are wrong; none if it is another name.
fn distance(written: &str, name: &str) -> Option<usize> {
    if written == name {
        return None;
    }
    let (written, name) = match (written.split_once('.'), name.split_once('.')) {
        (Some((a, domain)), Some((b, other))) if domain == other => (a, b),
        // The name of a hub without its domain.
        (None, Some((label, _))) => (written, label),
        _ => (written, name),
    };
    let (written, name) = (written.to_lowercase(), name.to_lowercase());
    let letters = written.chars().count();
    let max = (letters / 4).clamp(usize::from(letters == 3), 3);
    // As many letters are wrong as one name has more than the other. Most names end here: a table of
    // latencies is compared with all regions, row by row.
    if letters.abs_diff(name.chars().count()) > max {
        return None;
    }
    let distance = strsim::damerau_levenshtein(&written, &name);
    (distance <= max).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, names: &str, expected: &str) {
        let hint = did_you_mean(written, names.split(' '));
        let expected = match expected {
            "" => String::new(),
            name => format!("did you mean `{name}`? "),
        };
        assert_eq!(hint, expected, "{written}");
    }

    #[test]
    fn the_nearest_name_is_suggested() {
        check("placment", "placement pools twin", "placement");
        check("Wieght", "weight tier", "weight");
        check("when", "when", "");
        check("x", "y z", "");
        check("tenant", "tenants twin", "tenants");
        check("hub", "hubs rules", "hubs");
        check("ab", "abc", "");
        check("gold", "silver bronze", "");
        check(
            "contoso-weu-2.azure-devices.net",
            "contoso-weu-1.azure-devices.net",
            "contoso-weu-1.azure-devices.net",
        );
        check(
            "contoso-weu-1",
            "contoso-weu-1.azure-devices.net",
            "contoso-weu-1.azure-devices.net",
        );
        check("b.net", "a.net", "");
    }
}
