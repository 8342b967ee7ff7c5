"use strict";
// The page is whole without this; it adds the charts, and sorting, search and filters.
(() => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const STATUSES = [
    ["passed", "passed"],
    ["partly", "some of its cases"],
    ["nothing", "none of its cases"],
    ["skipped", "skipped"],
    ["error", "stopped"],
  ];
  const NARROW = 480;

  const whole = (most) => d3.ticks(0, Math.max(1, most), 4).filter(Number.isInteger);

  function drawDistribution(part, width) {
    const marks = [
      Plot.rectY(part.bins, {
        x1: "low", x2: "high", y: "count", fill: "var(--accent)", insetLeft: 1, insetRight: 1,
        title: (bin) => `${bin.low} to ${bin.high} points: ${bin.count}`,
      }),
      Plot.ruleY([0]),
    ];
    if (part.pass_mark !== null) {
      marks.push(
        Plot.ruleX([part.pass_mark], { stroke: "var(--text)", strokeDasharray: "4 3" }),
        Plot.text([part.pass_mark], {
          x: (mark) => mark, text: (mark) => `pass mark ${mark}`,
          frameAnchor: "top", textAnchor: "end", dx: -4, dy: -14, fill: "var(--text)",
        }),
      );
    }
    return Plot.plot({
      width, height: 220, marginTop: 30, marginLeft: 36, marginBottom: 36, marks,
      x: { label: "points", domain: [0, part.max_score] },
      y: {
        label: "students", grid: true, tickFormat: "d", nice: true,
        ticks: whole(d3.max(part.bins, (bin) => bin.count)),
      },
    });
  }

  function drawChecks(checks, width) {
    const bars = checks.flatMap((check) =>
      STATUSES.filter(([status]) => check[status] > 0).map(([status, words]) => ({
        check: check.id, status, count: check[status],
        told: `${check.title}\n${check[status]} ${words}`,
      })),
    );
    return Plot.plot({
      width, height: 22 * checks.length + 50,
      marginLeft: width < NARROW ? 118 : 130, marginTop: 10, marginBottom: 36,
      x: {
        label: "students", tickFormat: "d", domain: [0, Math.max(1, figures.scored)],
        ticks: whole(figures.scored),
      },
      y: { label: null, domain: checks.map((check) => check.id), padding: 0.25 },
      color: {
        domain: STATUSES.map(([status]) => status),
        range: STATUSES.map(([status]) => `var(--bar-${status})`),
      },
      marks: [
        Plot.barX(bars, {
          x: "count", y: "check", fill: "status", order: STATUSES.map(([status]) => status),
          title: "told",
        }),
        Plot.ruleX([0]),
      ],
    });
  }

  function draw(place) {
    const [kind, id] = place.dataset.chart.split(" ");
    const width = Math.max(240, Math.floor(place.clientWidth));
    if (Number(place.dataset.width) === width) return;
    place.dataset.width = width;
    const chart = kind === "part"
      ? drawDistribution(figures.parts.find((part) => part.id === id), width)
      : drawChecks(figures.checks.filter((check) => check.checkpoint === id), width);
    chart.querySelectorAll("[aria-label], [aria-description], [aria-hidden]").forEach((part) => {
      ["aria-label", "aria-description", "aria-hidden"].forEach((name) => part.removeAttribute(name));
    });
    chart.setAttribute("role", "img"); // one picture with one name; the numbers stand beside it
    chart.setAttribute("aria-label", place.dataset.label);
    place.replaceChildren(chart);
  }

  // First: it takes most rows out of the page, and the charts measure the page.
  const table = new DataTable("#students", {
    autoWidth: false,
    order: [],
    pageLength: 50,
    lengthMenu: [25, 50, 100, 250],
    layout: { topStart: "search", topEnd: "info", bottomStart: "pageLength", bottomEnd: "paging" },
    language: {
      search: "Search",
      lengthMenu: "_MENU_ on a page",
      info: "_START_ to _END_ of _TOTAL_ students",
      infoEmpty: "no students",
      infoFiltered: "(_MAX_ in all)",
      zeroRecords: "Nobody meets all of this.",
      emptyTable: "Nobody is here yet.",
    },
  });

  const places = document.querySelectorAll("[data-chart]");
  const resized = new ResizeObserver((entries) => entries.forEach(({ target }) => draw(target)));
  places.forEach((place) => { draw(place); resized.observe(place); });

  const selects = [...document.querySelectorAll(".controls select")];
  const clear = document.getElementById("clear");

  function filter() {
    const wanted = selects.filter((select) => select.value !== "");
    clear.disabled = wanted.length === 0 && table.search() === "";
    table.search.fixed("facets", wanted.length === 0 ? null : (_text, _data, at) =>
      wanted.every((select) => (figures.rows[at][select.name] || []).includes(select.value)));
    table.draw();
  }

  selects.forEach((select) => select.addEventListener("change", filter));
  table.on("search", () => {
    clear.disabled = selects.every((select) => select.value === "") && table.search() === "";
  });
  clear.addEventListener("click", () => {
    selects.forEach((select) => { select.value = ""; });
    table.search("");
    filter();
    selects[0].focus();
  });
  document.querySelectorAll("button.show").forEach((button) => {
    button.addEventListener("click", () => {
      selects.forEach((select) => {
        select.value = select.name === button.dataset.field ? button.dataset.value : "";
      });
      table.search("");
      filter();
      const heading = document.getElementById("all");
      heading.scrollIntoView();
      heading.focus({ preventScroll: true });
    });
  });
  document.documentElement.classList.add("ready");
})();
