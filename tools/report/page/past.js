'use strict';
// What jobs did in earlier runs: a mark for each run, a line of durations, and
// a panel for one job, which a link with its name opens.

const endings = {p: 'ok', y: 'flaky: not at once', f: 'failed', c: 'crashed', t: 'timed out', n: 'not started', l: 'lost',
    s: 'skipped', x: 'cancelled', '-': 'not in that run'};

const hasPast = i => data.past.numbers.length > 0;
const isPass = end => 'py'.includes(end);
const isFailure = end => 'fctnl'.includes(end);
const plural = (number, what) => `${number} ${what}${number === 1 ? '' : 's'}`;
// Of the first job of a name, the name is the link: it is the same in other runs.
const address = i => jobs.name[i] && jobs.name.indexOf(jobs.name[i]) === i ?
    '#test=' + encodeURIComponent(jobs.name[i]) : '#job=' + jobs.seq[i];

function link(i) {
    const anchor = make('a');
    anchor.href = address(i);
    anchor.append(make('code', title(i)));
    return anchor;
}

// A job's runs, the latest last; what is left out is from before its first.
function runsOf(i) {
    const {runs, durations} = data.past, ends = data.history[i].padStart(runs.length, '-');
    const times = durations[i] || [], before = runs.length - times.length;
    return runs.map(([number, start], k) => ({number, end: ends[k], when: new Date(start).toLocaleString(),
        us: k >= before && times[k - before] >= 0 ? times[k - before] * 1e3 : -1}));
}

function sentence(i) {
    const [ran, failed, flaky, changed, same] = data.past.numbers[i];
    const last = [...data.history[i]].findLast(end => isPass(end) || isFailure(end));
    const now = changed > 0 ? `, ${isFailure(last) ? 'failing' : 'passing'} for ${plural(same, 'run')}` : '';
    return `failed ${failed} of ${ran}, flaky ${flaky} of ${ran}, changed ${plural(changed, 'time')}${now}`;
}

function strip(i) {
    const marks = make('span');
    marks.setAttribute('role', 'img');
    marks.setAttribute('aria-label', sentence(i));
    for (const {number, end, when, us} of runsOf(i)) {
        const mark = make('i', undefined, end === '-' ? 'a' : end);
        mark.title = `run ${number}, ${when}: ${endings[end]}${us >= 0 ? ', ' + time(us) : ''}`;
        marks.append(mark);
    }
    return marks;
}

// Durations from left to right, the median as a broken line, dots where it failed.
function spark(i, width, height) {
    const runs = runsOf(i), median = data.past.numbers[i][5], svg = draw('svg', {viewBox: `0 0 ${width} ${height}`, role: 'img'});
    const most = Math.max(median, ...runs.map(run => run.us), 1);
    const x = k => 3 + k * (width - 6) / Math.max(runs.length - 1, 1), y = us => height - 3 - us / most * (height - 6);
    const ran = runs.map((run, k) => ({...run, k})).filter(run => run.us >= 0);
    if (median >= 0) svg.append(draw('line', {class: 'median', x1: 0, x2: width, y1: y(median), y2: y(median)}));
    svg.append(draw('polyline', {points: ran.map(run => `${x(run.k).toFixed(1)},${y(run.us).toFixed(1)}`).join(' ')}));
    for (const run of ran)
        if (isFailure(run.end)) svg.append(draw('circle', {cx: x(run.k), cy: y(run.us), r: 2}));
    svg.append(draw('title', {}, `median ${time(median)}, longest ${time(most)}`));
    return svg;
}

// A row of a table, with marks for its letters and a line for its durations.
function drawRow(line) {
    const i = Number(line.dataset.job), marks = $('td.past', line), usual = $('td.usual', line), value = $('td.value', line);
    if (marks) marks.replaceChildren(strip(i));
    if (usual && data.past.durations[i]) usual.replaceChildren(spark(i, 120, 18), time(data.past.numbers[i][5]));
    if (line.closest('#slower')) value.textContent = time(jobs.duration[i]);
}

// What the marks mean, of those that there are.
function key() {
    const place = make('span'), seen = new Set(data.history.join('')), some = data.past.runs.length;
    place.id = 'key';
    place.className = 'past';
    if (data.history.some(ends => ends.length < some)) seen.add('-');
    for (const end of Object.keys(endings).filter(end => seen.has(end))) {
        const one = make('span');
        one.append(make('i', undefined, end === '-' ? 'a' : end), endings[end]);
        place.append(one);
    }
    if ($('#bounds')) $('#bounds').append(' ', place);
}

// The panel.

function runTable(i) {
    const table = make('table'), head = table.createTHead().insertRow(), body = table.createTBody();
    for (const name of ['run', 'began', 'ended', 'took']) head.append(make('th', name));
    for (const {number, end, when, us} of runsOf(i).reverse()) {
        const line = body.insertRow();
        for (const text of [number, when, endings[end], us >= 0 ? time(us) : '']) line.append(make('td', text));
    }
    return table;
}

function fill(i) {
    const body = $('#panel > div:last-child'), made = [details(i)];
    if (hasPast(i) && data.past.durations[i]) {
        const chart = make('div', undefined, 'chart');
        chart.append(spark(i, Math.min(860, Math.max(240, window.innerWidth - 60)), 110));
        made.push(make('p', `Durations in the last ${plural(data.past.runs.length, 'run')}, median ${time(data.past.numbers[i][5])}, longest ${time(Math.max(...runsOf(i).map(run => run.us)))}`, 'note'), chart);
    } else if (hasPast(i)) {
        made.push(make('p', `Durations in earlier runs are in this page for ${count(data.past.timed)} jobs at the most, not for this one.`, 'note'));
    }
    made.push(...outputs(i));
    if (hasPast(i)) made.push(runTable(i));
    $('#panel-title').replaceChildren(Object.assign(link(i), {title: 'A link to this panel, to pass on'}));
    body.replaceChildren(...made);
}

// The job that the address asks for: no name if there is none, and -1 for one that is not listed.
function asked() {
    const found = /^#(test|job)=(.+)$/s.exec(location.hash);
    if (!found) return {i: -1};
    let name = found[2];
    try { name = decodeURIComponent(name); } catch { /* as it is */ }
    return {name, i: found[1] === 'test' ? jobs.name.indexOf(name) : jobs.seq.indexOf(Number(name))};
}

function panel() {
    const place = $('#panel');
    let came = false; // from this page, so that closing goes back
    let closing = false; // as the address has changed; that it is closed is told later
    const show = () => {
        const {name, i} = asked();
        if (name === undefined) {
            closing = place.open;
            place.close();
            return;
        }
        if (i >= 0) {
            fill(i);
        } else {
            $('#panel-title').textContent = name;
            $('#panel > div:last-child').replaceChildren(make('p', 'It is not among the listed jobs of this run.', 'note'));
        }
        if (!place.open) place.showModal();
        place.scrollTop = 0;
    };
    window.addEventListener('hashchange', () => { came = !place.open; show(); });
    place.addEventListener('close', () => {
        if (closing) closing = false;
        else if (came) history.back();
        else history.replaceState(null, '', '#');
    });
    place.addEventListener('click', event => { if (event.target === place) place.close(); });
    $('button', place).addEventListener('click', () => place.close());
    key();
    show();
}
