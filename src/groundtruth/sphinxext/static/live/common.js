/* What every live figure needs: elements, numbers as the text writes them, packed arrays, a line that is read out. */
(function () {
  "use strict";

  /* An element with attributes and children; a text becomes a text node. */
  function make(tag, attributes, children) {
    var svg = /^(svg|g|path|line|circle|rect|text|polyline|polygon|title|desc)$/.test(tag);
    var element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) {
      var value = attributes[name];
      if (name === "on") Object.keys(value).forEach(function (event) { element.addEventListener(event, value[event]); });
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
    });
    [].concat(children === undefined ? [] : children).forEach(function (child) {
      element.append(child);
    });
    return element;
  }

  /* A number with so many decimals, and a true minus sign. */
  function fixed(value, decimals) {
    if (!isFinite(value)) return value > 0 ? "∞" : "−∞";
    var text = value.toFixed(decimals);
    if (/^-0(\.0*)?$/.test(text)) text = text.slice(1); /* no negative zero */
    return text.replace("-", "−").replace(/\B(?=(\d{3})+(?!\d)(?=\.|$))(?<!\.\d*)/g, ",");
  }

  /* A number with so many significant digits; very large and very small ones as powers of ten. */
  function short(value, digits) {
    if (!isFinite(value)) return fixed(value, 0);
    if (value === 0) return "0";
    var size = Math.floor(Math.log10(Math.abs(value)));
    if (size < -4 || size > 6) {
      var power = String(size).replace("-", "⁻").replace(/\d/g, function (d) { return "⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(d); });
      return fixed(value / Math.pow(10, size), Math.max(0, digits - 1)) + " × 10" + power;
    }
    return fixed(value, Math.max(0, digits - 1 - size));
  }

  function percent(share) {
    return (share > 0 && share < 0.001 ? "< 0.1" : fixed(100 * share, 1)) + "\u00a0%";
  }

  /* The array in {shape, type, base64}, as groundtruth.live.packed writes it. */
  function unpack(packed) {
    var letters = window.atob(packed.base64);
    var bytes = new Uint8Array(letters.length);
    for (var i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
    return packed.type === "uint8" ? bytes : new Float32Array(bytes.buffer);
  }

  /* A line that screen readers read out when it changes; they hear it once the reader pauses. */
  function teller(className) {
    var line = make("p", { "class": className || "gt-live-said", role: "status", "aria-live": "polite" });
    var timer = 0;
    return {
      element: line,
      say: function (text, now) {
        window.clearTimeout(timer);
        if (line.textContent === text) return;
        if (now) line.textContent = text;
        else timer = window.setTimeout(function () { line.textContent = text; }, 350);
      },
    };
  }

  function button(text, action, attributes) {
    var given = Object.assign({ type: "button", on: { click: action } }, attributes || {});
    return make("button", given, text);
  }

  var counter = 0;

  /* A name for an element that a label points to; unique on the page. */
  function identifier(what) {
    counter += 1;
    return "gt-live-" + what + "-" + counter;
  }

  /* A slider with its label and its value as text: {row, input, set}. `show` makes the text of a value, `read` turns the
     position of the slider into the value (a rate, say, goes by powers of ten). */
  function slider(label, options) {
    var id = identifier("slider");
    var read = options.read || function (x) { return x; };
    var output = make("output", { "for": id });
    var input = make("input", {
      type: "range", id: id, min: options.min, max: options.max, step: options.step, value: options.value,
    });
    function update() {
      var text = options.show(read(Number(input.value)));
      output.textContent = text;
      input.setAttribute("aria-valuetext", text);
    }
    input.addEventListener("input", function () {
      update();
      options.change(read(Number(input.value)));
    });
    update();
    return {
      row: make("div", { "class": "gt-live-slider" }, [make("label", { "for": id }, label), input, output]),
      input: input,
      value: function () { return read(Number(input.value)); },
      set: function (position) { input.value = position; update(); },
    };
  }

  window.GROUNDTRUTH_LIVE.tools = {
    make: make, fixed: fixed, short: short, percent: percent, unpack: unpack, teller: teller, button: button,
    identifier: identifier, slider: slider,
  };
})();
