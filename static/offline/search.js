// Searches and filters the list of cases where it lies, without any server. What it
// needs is on the page and in words.js. Without it the list is a list of links.
(function () {
  "use strict";
  var form = document.getElementById("search");
  var names = ["form", "family", "place", "telling"];
  var rows = Array.prototype.map.call(
    document.querySelectorAll("#cases > li"),
    function (item) {
      var row = { item: item, words: " " + (WORDS[item.dataset.case] || "") };
      names.forEach(function (name) {
        row[name] = item.dataset[name].trim().split(/\s+/);
      });
      return row;
    }
  );

  // kb/offline/pages.py does the same with the words of each case.
  function plain(text) {
    return text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  }

  // A word is meant from its beginning; where a script has no spaces, from anywhere.
  function hasWord(row, word) {
    var spaceless = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u9fff]/.test(word);
    return row.words.indexOf(spaceless ? word : " " + word) >= 0;
  }

  function fits(row, asked, words) {
    return (
      words.every(function (word) { return hasWord(row, word); }) &&
      names.every(function (name) {
        return !asked[name] || row[name].indexOf(asked[name]) >= 0;
      })
    );
  }

  // The number beside a value is what picking it gives under all other filters.
  function count(name, asked, words) {
    var others = Object.assign({}, asked);
    others[name] = "";
    var found = {};
    rows.forEach(function (row) {
      if (!fits(row, others, words)) return;
      row[name].forEach(function (value) { found[value] = (found[value] || 0) + 1; });
    });
    Array.prototype.forEach.call(form.elements[name].options, function (option) {
      if (!option.value) return;
      option.label = option.dataset.label + " (" + (found[option.value] || 0) + ")";
      option.text = option.label;
    });
  }

  function show() {
    var asked = {};
    var words = plain(form.elements.q.value).match(/[\p{L}\p{N}]+/gu) || [];
    names.forEach(function (name) { asked[name] = form.elements[name].value; });
    var shown = 0;
    rows.forEach(function (row) {
      var is = fits(row, asked, words);
      row.item.hidden = !is;
      if (is) shown += 1;
    });
    document.getElementById("count").textContent = String(shown);
    names.forEach(function (name) { count(name, asked, words); });
  }

  Array.prototype.forEach.call(form.querySelectorAll("option"), function (option) {
    option.dataset.label = option.text;
  });
  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  show();
})();
