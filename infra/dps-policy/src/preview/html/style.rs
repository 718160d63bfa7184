//! How the page looks, in light and dark, on paper and on a phone.

pub(super) const CSS: &str = "
:root{--bg:#fff;--fg:#1b1b1b;--dim:#595959;--line:#8a8a8a;--fill:#0b62a8;--flow:#0b62a8;--bad:#a4001d}
@media (prefers-color-scheme:dark){:root{--bg:#16181b;--fg:#ececec;--dim:#b0b0b0;--line:#8a8a8a;\
--fill:#6cb4f0;--flow:#6cb4f0;--bad:#ff8a96}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.45 system-ui,sans-serif}
main{max-width:62rem;margin:0 auto;padding:1.5rem 1rem}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}
table{border-collapse:collapse;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0;overflow-wrap:anywhere}
thead th{border-bottom:1px solid var(--line)}
td.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.wide{overflow-x:auto}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:.5rem;margin:1rem 0}
dl div{border:1px solid var(--line);border-radius:.3rem;padding:.4rem .6rem}
dt{color:var(--dim);font-size:.85rem}dd{margin:0;font-size:1.25rem;font-variant-numeric:tabular-nums}
.bad,.bad dt{color:var(--bad);font-weight:bold}div.bad{border-width:3px}
svg{display:block;width:100%;height:auto}
svg text{font:12px system-ui,sans-serif;fill:var(--fg)}
svg .dim{fill:var(--dim)}
svg .before{fill:none;stroke:var(--fg);stroke-width:1}
svg .after{fill:var(--fill)}
svg .flow{fill:none;stroke:var(--flow);stroke-opacity:.55}
svg .frame{fill:none;stroke:var(--line)}
@media print{:root{--bg:#fff;--fg:#000;--dim:#333;--fill:#555;--flow:#777;--bad:#000}}
";
