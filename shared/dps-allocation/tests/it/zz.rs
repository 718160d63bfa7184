use crate::fleet::{shown, tables};
use dps_allocation::Policy;
use dps_allocation::tables::TableName;
#[test]
fn zz() {
    let cases: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string("/tmp/cases.json").unwrap()).unwrap();
    let good = "hubs:\n a.net\n enrollments: tenants\n group | acme\n tenants:\n acme\n";
    for (g, list) in cases.as_object().unwrap() {
        println!("== {g}");
        for c in list.as_array().unwrap() {
            let c = c.as_str().unwrap();
            let t = if let Some(raw) = c.strip_prefix("@raw ") {
                let mut t = tables(good);
                let (h, r) = raw.split_once(" | ").unwrap();
                let mut h = h.split(' ');
                let n = h.next().unwrap();
                let n = TableName::ALL
                    .into_iter()
                    .find(|x| x.as_str() == n)
                    .unwrap();
                *t.table_mut(n) = Default::default();
                let cols: Vec<usize> = h.map(|h| t.table_mut(n).column(h)).collect();
                t.table_mut(n)
                    .push(7, cols.into_iter().zip(r.split(" | ")))
                    .unwrap();
                t
            } else if let Some(only) = c.strip_prefix("@only ") {
                tables(only)
            } else {
                tables(&format!("{good}{c}"))
            };
            println!("-- {c:.200}\n{}", shown(&Policy::read(&t).findings));
        }
    }
}
