//! How a page looks, in light and dark, on paper and on a phone.

pub(super) const CSS: &str = "
:root{--bg:#fff;--fg:#1b1b1b;--dim:#595959;--line:#767676;--land:#e4e4e4;--fill:#0b62a8;--bad:#a4001d}
@media (prefers-color-scheme:dark){:root{--bg:#16181b;--fg:#ececec;--dim:#b0b0b0;--line:#8a8a8a;\
--land:#2d3136;--fill:#6cb4f0;--bad:#ff8a96}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.45 system-ui,sans-serif}
main{max-width:62rem;margin:0 auto;padding:1.5rem 1rem}
h1,h2,p,bdi,td,dd,li{overflow-wrap:anywhere}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}
table{border-collapse:collapse;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0;unicode-bidi:plaintext}
thead th{border-bottom:1px solid var(--line)}
.wide{overflow-x:auto}
.wide td{min-width:5.5rem}
td.number{min-width:0;text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));gap:.5rem;margin:1rem 0}
dl div{border:1px solid var(--line);border-radius:.3rem;padding:.4rem .6rem}
dt{color:var(--dim);font-size:.85rem}dd{margin:0;font-size:1.25rem;font-variant-numeric:tabular-nums}
.bad,.bad dt{color:var(--bad);font-weight:bold}div.bad{border-width:3px}
small{color:var(--dim);font-size:.8rem}
svg{display:block;width:100%}
.before{fill:none;stroke:var(--fg)}
.after{fill:var(--fill)}
.flow{fill:none;stroke:var(--fill);stroke-opacity:.75}
.frame{fill:none;stroke:var(--line)}
.land{fill:var(--land)}
.flows{display:grid;grid-template-columns:minmax(0,2fr) minmax(3rem,1fr) minmax(0,2fr);gap:.5rem;\
font-size:.85rem;line-height:1.25}
.flows ul{display:grid;grid-auto-rows:minmax(2.2rem,1fr);margin:0;padding:0;list-style:none}
.flows li{align-self:center;padding:.25rem 0}
.flows ul:first-child{text-align:right}
.flows li small{display:block}
.drawn{position:relative}.drawn svg{position:absolute;inset:0;height:100%}
.bars>div{display:grid;grid-template-columns:14rem 1fr 9rem;gap:0 .8rem;margin:.6rem 0;\
font-size:.85rem;line-height:17px}
.bars svg{height:34px;overflow:visible}
.bars small{white-space:nowrap}.bars div div{font-variant-numeric:tabular-nums}
.map{max-width:40rem;min-width:30rem;margin-bottom:.5rem}
.map text{font:9px system-ui,sans-serif;fill:var(--fg);stroke:var(--bg);stroke-width:2;\
paint-order:stroke;text-anchor:middle;dominant-baseline:central}
.map .leader{stroke:var(--fg);stroke-width:.5}
.hubs{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:1.2rem}
figure{margin:0;break-inside:avoid}
figcaption{font-size:.85rem;line-height:1.3}
figure svg{height:5rem;margin:.3rem 0;border:solid var(--line);border-width:0 0 1px 1px;overflow:visible}
figure small{display:block}
.area{fill:var(--fill);fill-opacity:.35;stroke:none}
.line{fill:none;stroke:var(--fill);stroke-width:2}
.capacity{fill:none;stroke:var(--fg);stroke-width:1.5;stroke-dasharray:5 3}
.ends{display:flex;justify-content:space-between;gap:.5rem}
@media (max-width:38rem){.bars>div{grid-template-columns:1fr 9rem}.bars svg{grid-area:2/1/3/3}\
.many{min-width:36rem}}
@media print{:root{--bg:#fff;--fg:#000;--dim:#333;--line:#666;--land:#ddd;--fill:#444;--bad:#000}\
main{max-width:none;padding:0}h2{break-after:avoid}.bars>div,tr,dl div{break-inside:avoid}\
.wide{overflow:visible}.many,.map{min-width:0}}
";
