// The faults of a page as somebody sees them: what sticks out, what covers what, what is too pale or too small.
(() => {
  const faults = [];
  const fault = (what, element) =>
    faults.push(`${what}: <${element.tagName} class="${element.getAttribute("class") || ""}"> ` +
      `${element.textContent.trim().slice(0, 60)}`);
  const seen = element => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility === "visible";
  };
  const contains = (outer, inner) => inner.left >= outer.left - 1 && inner.right <= outer.right + 1 &&
    inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
  const meet = (one, other) => one.left < other.right - .5 && other.left < one.right - .5 &&
    one.top < other.bottom - .5 && other.top < one.bottom - .5;

  // Nothing sticks out. What is wider than a screen scrolls by itself; paper does not scroll.
  const scrolls = element => matchMedia("screen").matches && element.classList.contains("wide");
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) fault("wider than the window", root);
  const within = element => {
    for (let it = element; it; it = it.parentElement) if (scrolls(it)) return it;
    return root;
  };
  for (const element of document.body.querySelectorAll("*:not(svg *)")) {
    if (!seen(element)) continue;
    if (!scrolls(element) && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
      fault("its content sticks out", element);
    const [box, around] = [element.getBoundingClientRect(), within(element)];
    const right = around === root ? root.clientWidth : around.getBoundingClientRect().left + around.scrollWidth;
    if (box.right > right + 1 || box.left < -1) fault("sticks out", element);
  }
  for (const svg of document.querySelectorAll("svg")) {
    const frame = svg.getBoundingClientRect();
    for (const shape of svg.querySelectorAll("text, rect, circle, path:not(.land)"))
      if (seen(shape) && !contains(frame, shape.getBoundingClientRect())) fault("sticks out of the drawing", shape);
  }

  // No text covers another: the lines of each text by themselves, since boxes of paragraphs nest.
  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.data.trim() || !seen(node.parentElement) || node.parentElement.closest("title")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    // Line boxes are higher than letters.
    for (const {left, right, top, bottom} of range.getClientRects())
      lines.push({node, left, right, top: top + (bottom - top) * .2, bottom: bottom - (bottom - top) * .2});
  }
  lines.sort((one, other) => one.top - other.top);
  lines.forEach((line, number) => {
    for (let next = number + 1; next < lines.length && lines[next].top < line.bottom; next++)
      if (lines[next].node !== line.node && meet(line, lines[next]))
        fault(`covers \`${lines[next].node.data.trim().slice(0, 40)}\``, line.node.parentElement);
  });

  // Contrast by WCAG 2, which counts lightness alone: what passes also differs in black and white.
  const parts = colour => colour.match(/[\d.]+/g).map(Number);
  const luminance = ([red, green, blue]) => [red, green, blue]
    .map(it => it / 255).map(it => it <= .03928 ? it / 12.92 : ((it + .055) / 1.055) ** 2.4)
    .reduce((sum, it, at) => sum + it * [.2126, .7152, .0722][at], 0);
  const over = (colour, opacity, ground) => {
    const [red, green, blue, alpha = 1] = parts(colour);
    return [red, green, blue].map((it, at) => it * alpha * opacity + ground[at] * (1 - alpha * opacity));
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + .05) / (low + .05);
  };
  const ground = parts(getComputedStyle(document.body).backgroundColor);
  const land = document.querySelector(".land");
  const grounds = [ground, ...land ? [parts(getComputedStyle(land).fill)] : []];
  const least = (element, colour, opacity, ratio) => {
    for (const under of element.closest(".map") ? grounds : [ground]) {
      const found = contrast(over(colour, opacity, under), under);
      if (found < ratio) fault(`contrast of ${found.toFixed(2)}, less than ${ratio}`, element);
    }
  };
  for (const {node} of lines) {
    const [element, style] = [node.parentElement, getComputedStyle(node.parentElement)];
    least(element, element.closest("svg") ? style.fill : style.color, 1, 4.5);
    const drawn = element.closest("svg[viewBox]");
    const scale = drawn ? drawn.getBoundingClientRect().width / drawn.viewBox.baseVal.width : 1;
    const size = parseFloat(style.fontSize) * scale;
    if (size < 10) fault(`letters of ${size.toFixed(1)} pixels`, element);
  }
  for (const shape of document.querySelectorAll(".before, .after, .flow, .line, .capacity")) {
    const style = getComputedStyle(shape);
    // A region is its outline.
    if (style.stroke !== "none") least(shape, style.stroke, +style.strokeOpacity, 3);
    else if (shape.tagName !== "circle") least(shape, style.fill, +style.fillOpacity, 3);
  }

  // Series that lie beside each other differ in shape: one is an outline, the other filled; one has dashes.
  const differ = (one, other, by) => {
    const [first, second] = [document.querySelector(one), document.querySelector(other)];
    if (first && second && by(getComputedStyle(first)) === by(getComputedStyle(second)))
      fault(`is like ${other}`, first);
  };
  differ(".before", ".after", style => style.fill === "none");
  differ(".capacity", ".line", style => style.strokeDasharray === "none");
  return faults;
})()
