use super::*;

const READ: &str = "GET /devstoreaccount1/T1xHubs()?sv=1 HTTP/1.1";
const NEXT: &str = "GET /devstoreaccount1/T1xHubs()?sv=1&NextPartitionKey=a HTTP/1.1";
const LAST: &str = "GET /devstoreaccount1/T1xHubs()?sv=1&NextPartitionKey=b HTTP/1.1";
const OTHER: &str = "GET /devstoreaccount1/T1xTenants()?sv=1 HTTP/1.1";
const WRITE: &str = "POST /devstoreaccount1/$batch HTTP/1.1";

/// Which of the requests do not pass.
#[track_caller]
fn check(fault: &Fault, lines: &[&str], fails: &[usize]) {
    let mut state = State::new(fault.clone());
    let fates = lines.iter().map(|line| state.fate(line) != Fate::Pass);
    let failed: Vec<_> = fates
        .enumerate()
        .filter(|(_, failed)| *failed)
        .map(|(index, _)| index)
        .collect();
    assert_eq!(failed, fails, "{fault:?}");
}

fn only_to(text: &str, fault: Fault) -> Fault {
    Fault::OnlyTo(text.to_owned(), Box::new(fault))
}

#[test]
fn times_are_counted() {
    check(&Fault::None, &[READ, WRITE], &[]);
    check(
        &Fault::Forbidden { times: 2 },
        &[READ, WRITE, READ],
        &[0, 1],
    );
    check(&Fault::LoseAnswer { times: 0 }, &[READ], &[]);
    check(&Fault::Reset, &[READ, READ, READ], &[0, 1, 2]);
}

#[test]
fn only_to_counts_what_it_concerns() {
    let forbidden = Fault::Forbidden { times: 1 };
    check(
        &only_to("POST ", forbidden.clone()),
        &[READ, WRITE, WRITE],
        &[1],
    );
    check(
        &only_to("NextPartitionKey", forbidden),
        &[READ, NEXT, LAST],
        &[1],
    );
}

#[test]
fn pages_are_counted_by_table() {
    let pages = [READ, OTHER, NEXT, LAST];
    check(&Fault::NthPageFails(1), &pages, &[0, 1]);
    check(&Fault::NthPageFails(2), &pages, &[2]);
    check(&Fault::NthPageFails(3), &pages, &[3]);
    check(&Fault::NthPageFails(4), &pages, &[]);
    check(
        &Fault::NthPageFails(2),
        &[READ, NEXT, NEXT, READ, NEXT, WRITE],
        &[1, 2, 4],
    );
}

#[test]
fn an_answer_too_short_to_be_cut_does_not_count() {
    let mut state = State::new(only_to("GET", Fault::CutAfter { bytes: 9, times: 1 }));
    assert_eq!(state.fate(READ), Fate::Cut(9));
    state.uncut();
    assert_eq!(state.fate(READ), Fate::Cut(9));
    assert_eq!(state.fate(READ), Fate::Pass);
}
