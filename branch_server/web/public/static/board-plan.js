// Where everything stands on a screen of any size: boxes in px from the upper left. Knows no page and no picture.
(function () {
  "use strict";
  var SIDE = 0.395, SMALL_SIDE = 0.44, SMALL_UNIT = 0.85, GAP = 20, MOST_COLUMNS = 4;
  var RECENT_SHARE = [0.42, 0.42, 0.3], STRIP = 84, RECENT_HEAD = 62, RECENT_ROW = 96, RECENT_CELL = 300, MOST_WITH_STRIP = 9;
  var CELLS = [0.36, 0.18, 0.18, 0.28];

  function box(x, y, w, h) { return { x: Math.round(x), y: Math.round(y), w: Math.max(0, Math.round(w)), h: Math.max(0, Math.round(h)) }; }

  /** Cells of one size, column by column; rows fill the height. */
  function grid(area, count, columns, gap) {
    var lines = Math.max(1, Math.ceil(count / columns)), gapY = Math.min(gap, Math.floor(area.h / (3 * lines))), cells = [];
    var wide = (area.w - gap * (columns - 1)) / columns, tall = (area.h - gapY * (lines - 1)) / lines;
    for (var at = 0; at < count; at++) {
      cells.push(box(area.x + Math.floor(at / lines) * (wide + gap), area.y + (at % lines) * (tall + gapY), wide, tall));
    }
    return cells;
  }

  // The newest call is higher than the others, and they share the rest in as many columns as make the figures largest.
  function weight(columns) { return columns === 1 ? 1.5 : 1.9; }
  function figurePx(w, h) { return Math.min(0.8 * h, 0.228 * w); }
  function rowPx(area, calls, columns, gap) {
    var lines = Math.ceil((calls - 1) / columns);
    return (area.h - gap * lines) / (lines + weight(columns));
  }
  function sizeIn(area, calls, columns, gap) {
    return figurePx((area.w - gap * (columns - 1)) / columns, rowPx(area, calls, columns, gap));
  }
  function callRows(area, calls, gap) {
    if (calls < 2) { return calls ? [area] : []; }
    var columns = 1;
    for (var tried = 2; tried <= MOST_COLUMNS; tried++) {
      if (sizeIn(area, calls, tried, gap) > 1.15 * sizeIn(area, calls, columns, gap)) { columns = tried; }
    }
    var high = Math.round(weight(columns) * rowPx(area, calls, columns, gap)), space = Math.min(gap, high / 4);
    var rest = box(area.x, area.y + high + space, area.w, area.h - high - space);
    return [box(area.x, area.y, area.w, high)].concat(grid(rest, calls - 1, columns, gap));
  }

  /** Calls that are over: a block below few calls, a strip below more, none below many. */
  function recentPx(area, needs, unit) {
    if (!needs.recent || needs.calls > MOST_WITH_STRIP) { return 0; }
    if (needs.calls >= RECENT_SHARE.length) { return Math.round(STRIP * unit); }
    var wanted = (RECENT_HEAD + Math.ceil(needs.recent / 2) * (RECENT_ROW + GAP)) * unit;
    return Math.round(Math.min(area.h * RECENT_SHARE[needs.calls], wanted));
  }
  function planRecent(made, lower, needs, gap, unit) {
    if (needs.calls < RECENT_SHARE.length) {
      var head = Math.round(RECENT_HEAD * unit), rest = box(lower.x, lower.y + head, lower.w, lower.h - head);
      var lines = Math.max(1, Math.floor((rest.h + gap) / Math.round((RECENT_ROW + GAP) * unit))), cells = grid(rest, 2 * lines, 2, gap);
      made.recentTitle = box(lower.x, lower.y, lower.w, head);
      for (var at = 0; at < Math.min(needs.recent, 2 * lines); at++) { made.recent.push(cells[(at % 2) * lines + Math.floor(at / 2)]); }
      return;
    }
    var wide = Math.round(RECENT_CELL * unit), columns = Math.max(1, Math.floor((lower.w - wide - gap) / (wide * 0.85)));
    made.recentTitle = box(lower.x, lower.y, wide, lower.h);
    made.recent = grid(box(lower.x + wide + gap, lower.y, lower.w - wide - gap, lower.h), columns, columns, gap).slice(0, needs.recent);
  }
  function planBoard(made, area, needs, unit) {
    var gap = Math.round(GAP * unit), lower = recentPx(area, needs, unit);
    var upper = lower ? box(area.x, area.y, area.w, area.h - lower - gap) : area;
    made.recent = [];
    if (lower) { planRecent(made, box(area.x, upper.y + upper.h + gap, area.w, lower), needs, gap, unit); }
    made.rows = callRows(upper, needs.calls, gap);
    made.empty = needs.calls ? null : upper;
  }

  /** The waiting table takes what it needs, the panel the rest; a table with many lines takes all. */
  function planSide(made, side, needs, gap, unit) {
    if (!needs.services) { made.panel = needs.panel ? side : null; return; }
    var head = Math.max(70 * unit, 1.6 * made.least), least = Math.max(50 * unit, 1.45 * made.least);
    var most = Math.max(least, (needs.notice ? 80 : 118) * unit), panel = side.h * (needs.notice ? 0.34 : 0.22), room = needs.services;
    var line = Math.min(most, (side.h - panel - gap - head) / needs.services);
    if (line < least) {
      line = Math.max(least, Math.min(most, (side.h - head) / needs.services));
      room = Math.max(1, Math.min(needs.services, Math.floor((side.h - head) / line)));
      panel = 0;
    }
    var high = head + room * line, top = panel ? side.y + side.h - high : side.y;
    made.panel = panel ? box(side.x, side.y, side.w, side.h - high - gap) : null;
    made.table = tableOf(box(side.x, top, side.w, high), head, line, room, made, unit);
  }
  function tableOf(area, head, line, room, made, unit) {
    var edge = Math.round(32 * unit), gap = Math.round(18 * unit), free = area.w - 2 * edge - 3 * gap;
    return {
      box: area, room: room, px: Math.round(Math.max(made.least, Math.min(38 * unit, line * 0.5))),
      /** The cell of a column in a line; line -1 is the head. */
      cells: function (column, at) {
        for (var x = edge, each = 0; each < column; each++) { x += free * CELLS[each] + gap; }
        return box(x, at < 0 ? 0 : head + at * line, free * CELLS[column], at < 0 ? head : line);
      }
    };
  }

  function planHeader(made, header, portrait, unit) {
    var clock = Math.max(150 * unit, 3.2 * made.least);
    made.dot = Math.max(14, Math.round(20 * unit));
    if (portrait) {
      var half = header.h * 0.55;
      made.title = box(header.x, 0, header.w - clock, half);
      made.clock = box(header.x + header.w - clock, 0, clock, half);
      made.state = box(header.x, half, header.w, header.h - half);
      return;
    }
    var title = header.w * 0.34;
    made.title = box(header.x, 0, title, header.h);
    made.clock = box(header.x + header.w - clock, 0, clock, header.h);
    made.state = box(header.x + title + 24 * unit, 0, header.w - title - clock - 48 * unit, header.h);
  }

  /** The figures in a call's row: the number takes what it needs, the counter the rest, the arrow stands between. */
  function inRow(area, newest, unit) {
    var headed = newest && area.h >= 150 * unit, across = Math.min(56 * unit, area.w / 14), wide = area.w - 2 * across;
    var headPx = Math.round(Math.max(unit < 0.5 ? 16 : 28, Math.min(area.h * 0.16, 38 * unit))), top = headed ? headPx * 1.25 : 0;
    var down = headed ? top / 2 + 10 * unit : 0, high = area.h - down, counter = wide * 0.7;
    return {
      radius: Math.round(Math.min(24 * unit, area.h / 4)), headPx: headPx,
      px: Math.round(figurePx(wide, (area.h - top) * (headed ? 1.2 : 1))),
      head: headed ? [box(across, 12 * unit, wide / 2, headPx * 1.4), box(across + wide / 2, 12 * unit, wide / 2, headPx * 1.4)] : null,
      number: box(across, down, wide * 0.58, high), arrow: box(across + wide * 0.58, down, wide * 0.12, high),
      counter: box(across + counter, down, wide - counter, high)
    };
  }
  function inRecent(area, least, unit) {
    var across = Math.min(36 * unit, area.w / 12), wide = area.w - 2 * across;
    return {
      radius: Math.round(18 * unit), px: Math.round(Math.max(least, Math.min(area.h * 0.52, area.w * 0.16))),
      number: box(across, 0, wide * 0.55, area.h), arrow: box(across + wide * 0.55, 0, wide * 0.15, area.h),
      counter: box(across + wide * 0.7, 0, wide * 0.3, area.h)
    };
  }
  function inPanel(area, length, least, unit) {
    var across = 44 * unit, down = Math.min(38 * unit, area.h / 9), px = Math.max(least, 34 * unit);
    var small = length ? (length > 34 ? 2 : 1) * 1.25 * px : 0, between = small ? 0.3 * px : 0, wide = area.w - 2 * across;
    return {
      large: box(across, down, wide, area.h - 2 * down - small - between), small: box(across, area.h - down - small, wide, small)
    };
  }

  /** `needs`: how many calls, recent calls and services there are; whether there is a panel, a notice in it, and a foot. */
  window.foleniPlan = function (width, height, needs) {
    var portrait = height > width, unit = portrait ? Math.min(width / 1080, height / 1920) : Math.min(width / 1920, height / 1080);
    // On a phone in the hand letters are read from near.
    var least = Math.min(width, height) < 600 ? 16 : 28, made = { unit: unit, least: least, panel: null, table: null, foot: null };
    var margin = Math.max(12, Math.round(48 * unit)), gap = Math.round(GAP * unit), foot = needs.foot ? Math.max(80 * unit, 2 * least) : 0;
    var head = Math.max((portrait ? 156 : 108) * unit, (portrait ? 3 : 2) * least);
    var bottom = height - foot - (needs.foot ? gap : margin), body = box(margin, head, width - 2 * margin, bottom - head), area = body;
    planHeader(made, box(margin, 0, width - 2 * margin, head), portrait, unit);
    if (needs.foot) { made.foot = box(0, height - foot, width, foot); }
    if (needs.panel || needs.services) {
      if (portrait) {
        var high = body.h * (needs.calls <= 3 ? 0.5 : needs.calls <= 8 ? 0.58 : 0.66);
        area = box(body.x, body.y, body.w, high);
        planSide(made, box(body.x, body.y + high + gap, body.w, body.h - high - gap), needs, gap, unit);
      } else {
        var wide = body.w * (unit >= SMALL_UNIT ? SIDE : SMALL_SIDE);
        area = box(body.x, body.y, body.w - gap - wide, body.h);
        planSide(made, box(body.x + body.w - wide, body.y, wide, body.h), needs, gap, unit);
      }
    }
    planBoard(made, area, needs, unit);
    made.type = function (size) { return Math.max(least, Math.round(size * unit)); };
    made.inRow = function (row, newest) { return inRow(row, newest, unit); };
    made.inRecent = function (row) { return inRecent(row, least, unit); };
    made.inPanel = function (length) { return inPanel(made.panel, length, least, unit); };
    return made;
  };
}());
