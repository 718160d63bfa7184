//! Random tables and edits: what is proved of them holds for random requests.

mod dice;
mod exceptions;
mod requests;
mod rows;
mod vocabulary;

use dps_allocation::Policy;
use dps_allocation::tables::TableName;
use dps_fleet::prove::{Claim, Side, Verdict, prove};

use self::dice::Dice;
use self::requests::{Request, decided, request};
use self::rows::{edit, read, rows};
use self::vocabulary::{HOSTS, Row, TENANTS};
use crate::prove::now;

/// Tables that a test run makes; `PROVE_CASES=3000 PROVE_SEED=7` makes as many others.
const CASES: u64 = 60;

/// Requests for each claim that is proved.
const REQUESTS: usize = 200;

/// The cells of a row.
fn row<'r>(rows: &'r [Row], table: TableName, partition: &str, key: &str) -> Option<&'r str> {
    let start = format!("{partition}|{key}");
    let mut named = rows.iter().filter(|(name, _)| *name == table);
    named.find_map(|(_, row)| {
        let rest = row.strip_prefix(&start)?;
        (rest.is_empty() || rest.starts_with('|')).then_some(rest)
    })
}

fn cell<'r>(row: Option<&'r str>, column: &str) -> Option<&'r str> {
    let mut cells = row?.split('|').filter_map(|it| it.split_once('='));
    cells
        .find(|(name, _)| *name == column)
        .map(|(_, text)| text)
}

/// Whether the rows allow a device of a tenant a hub.
fn may_use(rows: &[Row], policy: &Policy, it: &Request, tenant: &str, hub: &str) -> bool {
    let Some(own) = row(rows, TableName::Tenants, "tenant", tenant) else {
        return true;
    };
    let hub = row(rows, TableName::Hubs, "hub", hub);
    let meets = |mine: Option<&str>, column: &str| {
        let Some(mine) = mine else { return true };
        let theirs = cell(hub, column).unwrap_or_default();
        mine.split(';')
            .any(|it| theirs.split(';').any(|that| that == it))
    };
    let listed = cell(hub, "tenants");
    let enrollment = policy.enrollment_row(&it.enrollment);
    let enrollment =
        enrollment.and_then(|key| row(rows, TableName::Enrollments, "enrollment", key));
    let device = cell(enrollment, "deviceRows")
        .and_then(|_| row(rows, TableName::Devices, &it.id, "device"));
    let residencies = [Some(own), enrollment, device].map(|row| cell(row, "residency"));
    listed.is_none_or(|listed| listed.split(';').any(|it| it == tenant || it == "t*"))
        && meets(cell(Some(own), "pools"), "pools")
        && residencies.into_iter().all(|it| meets(it, "geography"))
}

/// Tables before and after an edit, with what they were made from.
struct Edit<'e> {
    rows: &'e [Row],
    from: &'e Policy,
    to: &'e Policy,
}

/// Whether a request shows that a claim does not hold.
fn is_broken(claim: &Claim, edit: &Edit<'_>, it: &Request) -> bool {
    let (first, last) = (decided(edit.from, it), decided(edit.to, it));
    let differs = first != last;
    match claim {
        Claim::Constraints => match (&last.tenant, &last.hub) {
            (Some(tenant), Ok(hub)) => !may_use(edit.rows, edit.from, it, tenant, hub),
            _ => false,
        },
        Claim::OnlyTenant(tenant) => {
            let both = [&first, &last];
            differs && both.iter().any(|it| it.tenant.as_ref() != Some(tenant))
        }
        Claim::Same(row) => {
            let mut sides = [edit.from, edit.to].into_iter();
            differs && sides.any(|side| side.enrollment_row(&it.enrollment) == Some(row))
        }
        Claim::NoNewDevices(hub) => {
            last.hub.as_ref() == Ok(hub) && it.current.as_ref() != Some(hub)
        }
    }
}

#[test]
fn what_is_proved_holds_for_random_requests() {
    let number = |name: &str, otherwise: u64| {
        std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
    };
    let (first, cases) = (number("PROVE_SEED", 1), number("PROVE_CASES", CASES));
    let (mut proved, mut others) = (0, 0);
    for seed in first..first + cases {
        let mut dice = Dice::of_seed(seed);
        let before = rows(&mut dice);
        let after = edit(&before, &mut dice);
        let (Some(from), Some(to)) = (read(&before), read(&after)) else {
            continue;
        };
        let claim = match dice.below(4) {
            0 => Claim::Constraints,
            1 => Claim::OnlyTenant(dice.pick(&TENANTS).to_owned()),
            2 => Claim::Same(dice.pick(&["e0", "e1", "dev-*", "*"]).to_owned()),
            _ => Claim::NoNewDevices(dice.pick(&HOSTS).to_owned()),
        };
        let both = [&from, &to].map(|(tables, policy)| Side::new(policy, tables));
        let sides = match claim {
            Claim::NoNewDevices(_) => &both[1..],
            _ => &both[..],
        };
        let Ok(claim) = claim.named_in(sides) else {
            continue;
        };
        if prove(&claim, sides, now()).verdict != Verdict::Proved {
            others += 1;
            continue;
        }
        proved += 1;
        let made = Edit {
            rows: &before,
            from: &from.1,
            to: &to.1,
        };
        for _ in 0..REQUESTS {
            let Some(it) = request(&from.0, &from.1, &mut dice) else {
                continue;
            };
            assert!(
                !is_broken(&claim, &made, &it),
                "seed {seed}: {claim:?}\nbefore {before:#?}\nafter {after:#?}\n{it:#?}\n{:?} {:?}",
                decided(&from.1, &it),
                decided(&to.1, &it)
            );
        }
    }
    // One seed may be repeated alone.
    let both = cases < CASES || (proved > 3 && others > 3);
    assert!(both, "{proved} proved, {others} others");
}
