//! The commands that steer rollouts: the edit of each is previewed, installed, and lived through.

use std::collections::BTreeSet;

use e2e::dps_policy;
use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;

use super::devices;
use super::fleet::device;
use super::world::{Change, World};

const WEU: &str = "contoso-weu-1.azure-devices.net";
const EUS: &str = "contoso-eus-1.azure-devices.net";
const SEA: &str = "contoso-sea-1.azure-devices.net";
const TOASTERS: &str = "contoso-toasters-hub-1098.azure-devices.net";
const HEAT_PUMPS: &str = "contoso-heatpumps-hub-1098.azure-devices.net";
const SAMPLES: &str = "custom-allocation-toasters-hub.azure-devices.net";
const HUBS: [&str; 6] = [WEU, EUS, SEA, TOASTERS, HEAT_PUMPS, SAMPLES];

/// Of `tenant-a` on three hubs, of `contoso` on two, most of them on the first, and of nobody.
fn numbered(number: usize) -> Value {
    let turn = number / 4;
    let contoso = Some("contoso-custom-allocated-devices");
    let (name, group, hubs) = match number % 4 {
        0 => ("tpm-gw-of-commands", None, &HUBS[..3]),
        1 => (LATE, None, &HUBS[..3]),
        2 => ("appliance", contoso, &HUBS[3..5]),
        _ if turn.is_multiple_of(4) => ("nobody", Some("no-such-group"), &HUBS[..1]),
        _ => ("appliance", contoso, &HUBS[3..4]),
    };
    // A new device would be placed at one command, and moved at the next.
    let is_new = turn.is_multiple_of(9) && !name.starts_with("tpm");
    let hub = (!is_new).then(|| hubs[turn % hubs.len()]);
    device(&format!("{name}-{number}"), group, hub, &HUBS)
}

/// These come to each command with the hub that they had at the beginning, as devices do that
/// register seldom; the others have taken the answers to all commands before.
const LATE: &str = "pump-late";

fn is_late(id: &str) -> bool {
    id.starts_with(LATE)
}

/// Who gets another hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    LateOnly,
    OthersOnly,
    Both,
}

/// Hours before now: nothing of a schedule falls into the time that the test takes.
fn ago(hours: i64) -> String {
    let time = Timestamp::now() - hours.hours();
    format!("{time:.0}")
}

/// The words of a command; quotes keep words together.
fn words(command: &str) -> Vec<&str> {
    let parts = command.split('\'').enumerate();
    let words = parts.flat_map(|(number, part)| match number % 2 {
        0 => part.split_whitespace().collect(),
        _ => vec![part],
    });
    words.collect()
}

/// Edits a folder by commands that are so many hours old; its tables have no errors then.
fn edit(folder: &str, hours: i64, commands: &[&str]) {
    let at = ago(hours);
    for command in commands {
        let target = ["--policy", folder, "--at", &at];
        let _written = dps_policy(&[&words(command)[..], &target].concat(), &[]);
    }
    let _none = dps_policy(&["check", folder], &[]);
}

/// Gives commands, as one change.
async fn give(world: &mut World, hours: i64, commands: &[&str]) -> Change {
    let change = world.change(|folder| edit(folder, hours, commands)).await;
    world.take(&change.places, |id| !is_late(id));
    change
}

async fn check(world: &mut World, hours: i64, command: &str, expected: Who) -> Change {
    let change = give(world, hours, &[command]).await;
    let late = change.moves.keys().any(|id| is_late(id));
    let others = change.moves.keys().any(|id| !is_late(id));
    let who = match (late, others) {
        (true, true) => Who::Both,
        (true, false) => Who::LateOnly,
        (false, true) => Who::OthersOnly,
        (false, false) => panic!("{command} moves nobody"),
    };
    assert_eq!(who, expected, "{command}");
    change
}

async fn world() -> World {
    let fleet = (0..devices(300)).map(numbered).collect();
    // The rollout of the starter tables goes by the calendar.
    World::start(fleet, |root| {
        let rollouts = root.table("rollouts");
        let planned = |line: &&str| !line.starts_with("tenant-a,");
        let kept: Vec<&str> = rollouts.lines().filter(planned).collect();
        root.write_table("rollouts", &format!("{}\n", kept.join("\n")));
    })
    .await
}

#[tokio::test]
async fn commands_do_what_their_previews_say() {
    let mut world = world().await;
    let all = &mut world;
    let plan = "rollout plan --id spread --tenant tenant-a --from contoso-weu-1 \
                --to contoso-eus-1 --share '20;60;100 every 10d'";
    // 60 % since two days, 20 % before.
    check(all, 12 * 24, plan, Who::Both).await;
    check(all, 11 * 24, "rollout pause spread", Who::LateOnly).await;
    check(all, 10 * 24, "rollout resume spread", Who::LateOnly).await;
    check(all, 12, "rollout promote spread", Who::Both).await;
    check(all, 11, "rollout stop spread", Who::LateOnly).await;
    let way_back = "rollout return spread --share '50;100 every 1d'";
    check(all, 10, way_back, Who::Both).await;
    check(all, 9, "rollout promote spread-return", Who::Both).await;
    check(all, 8, "rollout stop spread-return", Who::LateOnly).await;
    check(all, 7, "rollout return spread --now", Who::LateOnly).await;
    let drain = format!("drain contoso-sea-1 --to contoso-eus-1 --by {}", ago(5));
    check(all, 6, &drain, Who::Both).await;
    let pin = "move tpm-gw-of-commands-4 contoso-eus-1";
    let moved = check(all, 4, pin, Who::OthersOnly).await.moves;
    assert_eq!(moved.len(), 1, "{moved:?}");
    rebalance(all).await;
}

/// How many devices of the tenant each of its hubs has.
fn loads(world: &World) -> [u64; 3] {
    [TOASTERS, HEAT_PUMPS, SAMPLES].map(|hub| {
        let on = world.fleet.iter().filter(|it| it["currentHub"] == hub);
        on.count() as u64
    })
}

/// As few devices move as the loads differ by, over all slices and in each.
async fn rebalance(world: &mut World) {
    let weights: [u64; 3] = [1, 2, 1];
    let first = loads(world);
    let [toasters, heat_pumps, samples] = first;
    let command = format!(
        "rebalance --tenant contoso --id even --share '40;70;100 every 2d' --weights \
         contoso-toasters-hub-1098=1,contoso-heatpumps-hub-1098=2,custom-allocation-toasters-hub=1 \
         --loads contoso-toasters-hub-1098={toasters},contoso-heatpumps-hub-1098={heat_pumps},\
         custom-allocation-toasters-hub={samples}"
    );
    let (all, whole): (u64, u64) = (first.iter().sum(), weights.iter().sum());
    let wanted = weights.map(|weight| all * weight / whole);
    let mut moved = BTreeSet::new();
    for slice in 1..=3 {
        let before = loads(world);
        let change = if slice == 1 {
            check(world, 3, &command, Who::OthersOnly).await
        } else {
            let commands = of_rows(world, "promote", |it| !it["next"].is_null());
            give(world, 3 - slice, &strs(&commands)).await
        };
        let after = loads(world);
        let fewest = fewest(before, after);
        assert!(fewest > 0, "slice {slice}: {before:?} {after:?}");
        assert_eq!(change.moves.len() as u64, fewest, "{before:?} {after:?}");
        assert_eq!(change.summary["leastMoves"], fewest);
        for id in change.moves.into_keys() {
            assert!(moved.insert(id), "nobody moves twice");
        }
        // One can stop here: nobody moves then.
        let stop = of_rows(world, "stop", |_| true);
        let stopped = world.preview(|folder| edit(folder, 0, &strs(&stop)));
        assert_eq!(stopped["summary"]["moved"], 0, "slice {slice}");
    }
    let last = loads(world);
    assert_eq!(
        moved.len() as u64,
        fewest(first, last),
        "{first:?} {last:?}"
    );
    for (load, wanted) in last.into_iter().zip(wanted) {
        // A hash chooses: three standard deviations of as many coins.
        let near = 3 * all.isqrt() / 2;
        assert!(load.abs_diff(wanted) <= near, "{last:?}, {wanted:?}");
    }
}

/// The least number of moves from some loads to others.
fn fewest(before: [u64; 3], after: [u64; 3]) -> u64 {
    let pairs = before.into_iter().zip(after);
    pairs
        .map(|(before, after)| before.saturating_sub(after))
        .sum()
}

/// A command for each row of the rebalancing in force that is so.
fn of_rows(world: &World, command: &str, is: impl Fn(&Value) -> bool) -> Vec<String> {
    let listed = dps_policy(
        &["rollout", "list", "--json", "--policy", &world.tables()],
        &[],
    );
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let rows = listed["rollouts"].as_array().unwrap().iter();
    let rows = rows.filter(|it| it["id"].as_str().unwrap().starts_with("even-") && is(it));
    rows.map(|it| format!("rollout {command} {}", it["id"].as_str().unwrap()))
        .collect()
}

fn strs(commands: &[String]) -> Vec<&str> {
    assert_ne!(commands, [""; 0]);
    commands.iter().map(String::as_str).collect()
}
