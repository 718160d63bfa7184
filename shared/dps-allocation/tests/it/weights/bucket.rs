//! How a share is written and read. Where devices fall: `distribution` and `hashing_vectors`.

use dps_allocation::bucket::Share;
use proptest::prelude::*;

#[track_caller]
fn check(text: &str, units: u32) {
    assert_eq!(
        text.parse::<Share>()
            .map(Share::units)
            .map_err(|e| e.to_string()),
        Ok(units)
    );
}

#[track_caller]
fn refused(text: &str, message: &str) {
    assert_eq!(text.parse::<Share>().unwrap_err().to_string(), message);
}

#[test]
fn shares_are_read() {
    check("10%", 10_000);
    check("0.5%", 500);
    check("0.125%", 125);
    check("100%", 100_000);
    check("0%", 0);
    check(" 12.50 % ", 12_500);
    check("99.999%", 99_999);
    check("100.000%", 100_000);
    check("007%", 7_000);
}

#[test]
fn texts_that_are_not_shares_are_errors() {
    refused(
        "10",
        "share `10` has no percent sign, write for example `5%`",
    );
    refused("", "share `` has no percent sign, write for example `5%`");
    refused(
        "0.0001%",
        "share `0.0001%` has more than three decimals, the smallest step is `0.001%`",
    );
    refused("100.001%", "share `100.001%` is more than `100%`");
    refused(
        "99999999999999999999%",
        "share `99999999999999999999%` is more than `100%`",
    );
    for text in [
        "%", "-1%", "+1%", "1e1%", "5.%", ".5%", "1,5%", "1.2.3%", "1 0%", "٣%", "5%%",
    ] {
        let message = text.parse::<Share>().unwrap_err().to_string();
        assert!(
            message.contains("is not a plain decimal number"),
            "{message}"
        );
    }
}

#[test]
fn no_share_is_above_all() {
    assert_eq!(Share::from_units(100_000).map(Share::units), Some(100_000));
    assert_eq!(Share::from_units(100_001), None);
}

#[test]
fn a_share_is_shown_as_short_as_it_can_be() {
    for text in ["0%", "10%", "0.5%", "0.125%", "0.001%", "99.99%", "100%"] {
        assert_eq!(text.parse::<Share>().unwrap().to_string(), text);
    }
}

proptest! {
    #[test]
    fn reading_undoes_showing(units in 0..=100_000_u32) {
        let share = Share::from_units(units).unwrap();
        prop_assert_eq!(share.to_string().parse(), Ok(share));
    }

    #[test]
    fn no_text_panics(text in ".{0,40}%?") {
        let _ = text.parse::<Share>();
    }
}
