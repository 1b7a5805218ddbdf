/* Waits for the button of a live figure, and loads what the figure needs when it is pressed: a style sheet, the scripts
   that the button names, and the numbers of this build. Classic scripts, so that it works from a folder on disk.

   A script of a kind sets GROUNDTRUTH_LIVE.kinds[kind] = function (box, data, tools) and fills the box, a <div>.
   A file of data sets GROUNDTRUTH_LIVE.data[key]. */
(function () {
  "use strict";

  var live = (window.GROUNDTRUTH_LIVE = window.GROUNDTRUTH_LIVE || { kinds: {}, data: {}, tools: null });
  var asked = {}; /* address -> promise: two figures of a page share what they can */

  function load(address) {
    if (!asked[address]) {
      asked[address] = new Promise(function (done, failed) {
        var style = /\.css(\?|$)/.test(address);
        var element = document.createElement(style ? "link" : "script");
        if (style) element.rel = "stylesheet";
        element[style ? "href" : "src"] = address;
        element.onload = done;
        element.onerror = function () {
          delete asked[address]; /* the reader may try again */
          element.remove();
          failed(new Error(address));
        };
        document.head.appendChild(element);
      });
    }
    return asked[address];
  }

  function begin(button) {
    var figure = button.closest("figure");
    var place = button.parentElement;
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    var said = button.innerHTML;
    button.textContent = "Loading …";
    var folder = button.dataset.folder;
    var needed = ["live.css"].concat(button.dataset.scripts.split(" "));
    Promise.all(needed.map(function (name) { return load(folder + name); })).then(function () {
      var box = document.createElement("div");
      box.className = "gt-live-box gt-live-" + button.dataset.kind;
      place.before(box);
      live.kinds[button.dataset.kind](box, live.data[button.dataset.key], live.tools);
      figure.classList.add("gt-live-on");
      place.remove();
      var first = box.querySelector("[data-first]");
      if (first) first.focus({ preventScroll: true });
    }).catch(function (error) {
      button.innerHTML = said;
      button.removeAttribute("aria-disabled");
      var line = place.querySelector(".gt-live-failed") || document.createElement("span");
      line.className = "gt-live-failed";
      line.setAttribute("role", "alert");
      line.textContent = "This could not be loaded. The picture stays as it is.";
      place.appendChild(line);
      if (window.console) window.console.warn(error);
    });
  }

  function start() {
    Array.prototype.forEach.call(document.querySelectorAll(".gt-live-start button"), function (button) {
      button.addEventListener("click", function () { begin(button); });
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
