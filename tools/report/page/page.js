'use strict';
// What the page shows is in the element "data"; jobs are columns of equal length.
const data = JSON.parse(document.getElementById('data').textContent);
const {run, jobs, outcomes} = data;
const n = jobs.seq.length;
const $ = (query, at = document) => at.querySelector(query);
const isBad = outcome => data.failures[outcome];
const colors = {ok: '--ok', failed: '--bad', signalled: '--bad', 'timed out': '--late',
    'not started': '--bad', lost: '--late', skipped: '--off', cancelled: '--off'};
const color = name => getComputedStyle(document.documentElement).getPropertyValue(colors[name] || name).trim();

function make(tag, text, className) {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    return element;
}

function draw(tag, attributes, text) {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    if (text !== undefined) element.textContent = text;
    return element;
}

function time(us) {
    if (us < 1e3) return us.toFixed(0) + ' µs';
    if (us < 1e6) return (us / 1e3).toPrecision(3) + ' ms';
    if (us < 6e7) return (us / 1e6).toFixed(us < 1e7 ? 2 : 1) + ' s';
    const s = Math.round(us / 1e6), h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
    const two = number => String(number).padStart(2, '0');
    return h > 0 ? `${h}:${two(m)}:${two(s % 60)} h` : `${m}:${two(s % 60)} min`;
}

function bytes(size) {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let i = 0;
    while (size >= 1024 && i < units.length - 1) { size /= 1024; i++; }
    return (i > 0 && size < 100 ? size.toFixed(1) : Math.round(size)) + ' ' + units[i];
}

const title = i => jobs.name[i] || jobs.command[i];
const count = number => number.toLocaleString('en');

function head() {
    const facts = [`run ${run.run}`, new Date(run.start_ns / 1e6).toLocaleString(), run.host, run.dir];
    $('h1').textContent = document.title = data.file;
    $('#facts').textContent = facts.filter(Boolean).join(' · ');
    $('#command').textContent = run.command || '';
    $('footer').textContent = `Written by brood ${data.version}. ` + (n < data.total ?
        `Charts count all ${count(data.total)} jobs; ${count(n)} of them are listed: those that failed, and the longest.` : '');
}

function tiles() {
    const add = (value, what, bad) => {
        const tile = make('div', undefined, bad ? 'tile bad' : 'tile');
        tile.append(make('b', value), make('span', what));
        $('#tiles').append(tile);
    };
    add(data.state, 'the run', data.state !== 'finished');
    add(time(data.span_us), 'elapsed');
    add(count(data.counts.ok || 0), 'ok');
    add(count(data.failed), 'failed', data.failed > 0);
    if (data.counts.skipped) add(count(data.counts.skipped), 'skipped');
    if (run.known) add(count(run.known), 'done before');
    if (data.span_us > 0) {
        add((100 * data.busy_us / (data.span_us * Math.max(1, run.slots))).toFixed(0) + ' %', `of ${run.slots} slots busy`);
        add((data.cpu_us / data.span_us).toFixed(2), 'processors used');
    }
    if (data.peak_rss > 0) add(bytes(data.peak_rss), 'largest job');
}

// Charts.

function axis(svg, width, height, most, format) {
    svg.append(draw('line', {x1: 0, x2: width, y1: height, y2: height, stroke: 'var(--line)'}),
        draw('text', {x: 2, y: 11}, format(most)), draw('text', {x: 2, y: height + 13}, '0'),
        draw('text', {x: width - 2, y: height + 13, 'text-anchor': 'end'}, time(data.span_us)));
}

function chart(place) {
    const width = place.clientWidth || 600, height = 140;
    const svg = draw('svg', {viewBox: `0 0 ${width} 158`, role: 'img'});
    place.replaceChildren(svg);
    return {svg, width, height};
}

function area(place, values, format) {
    const {svg, width, height} = chart(place), most = Math.max(...values, 0) || 1;
    const points = values.map((v, i) => `${(i * width / values.length).toFixed(1)},${(height - v / most * (height - 16)).toFixed(1)} ` +
        `${((i + 1) * width / values.length).toFixed(1)},${(height - v / most * (height - 16)).toFixed(1)}`);
    svg.append(draw('polygon', {points: `0,${height} ${points.join(' ')} ${width},${height}`,
        fill: 'var(--fill)', stroke: 'var(--ok)', 'stroke-width': 1}));
    axis(svg, width, height, most, format);
}

function histogram(place) {
    const bins = data.histogram, {svg, width, height} = chart(place);
    const most = Math.max(...bins.map(bin => bin[1]), 1), w = width / Math.max(bins.length, 1);
    bins.forEach(([from, number, to], i) => {
        const h = number / most * (height - 16);
        const bar = draw('rect', {x: i * w + 1, width: Math.max(w - 2, 1), y: height - h, height: h, fill: 'var(--ok)'});
        bar.append(draw('title', {}, `${time(from)} to ${time(to)}: ${count(number)}`));
        svg.append(bar);
        if (i % Math.ceil(bins.length * 80 / width) === 0 && i * w + 50 < width)
            svg.append(draw('text', {x: i * w + 2, y: height + 13}, time(from)));
    });
    svg.append(draw('text', {x: 2, y: 11}, count(most) + ' jobs'));
}

function charts() {
    area($('#running'), data.running, value => value.toFixed(value < 10 ? 1 : 0));
    area($('#memory'), data.memory, bytes);
    histogram($('#durations'));
}

// A job's line, which opens to all that is known of it.

function details(i) {
    const list = make('dl');
    const add = (name, value) => { if (value !== '' && value != null) list.append(make('dt', name), make('dd', value)); };
    add('command', jobs.command[i]);
    add('directory', jobs.dir[i] || run.dir);
    add('tags', jobs.tags[i].trim());
    add('outcome', outcomes[jobs.outcome[i]] + (jobs.reason[i] ? ': ' + jobs.reason[i] : ''));
    if (jobs.attempts[i] > 1) add('attempts', jobs.attempts[i]);
    if (jobs.start[i] >= 0) {
        add('started', time(jobs.start[i]) + ' after the run');
        add('took', time(jobs.duration[i]) + ', ' + time(jobs.cpu[i]) + ' of a processor');
        add('memory', bytes(jobs.rss[i]));
        add('slot', jobs.slot[i]);
    }
    if (hasPast(i)) {
        const value = make('dd', undefined, 'past');
        value.append(strip(i), ` ${sentence(i)}`);
        list.append(make('dt', 'history'), value);
    }
    return list;
}

function outputs(i) {
    const made = [], output = data.outputs[jobs.seq[i]];
    if (!output) {
        if (jobs.start[i] >= 0)
            made.push(make('p', `What it wrote is not in this page: brood log --run ${run.run} --seq ${jobs.seq[i]} --output ${data.file}`, 'note'));
        return made;
    }
    for (const [stream, text, left] of output)
        made.push(make('p', stream + (left > 0 ? `, the last part; ${bytes(left)} before it are left out` : ''), 'note'), make('pre', text));
    if (output.length === 0) made.push(make('p', 'It wrote nothing.', 'note'));
    return made;
}

function row(i) {
    const line = make('details'), summary = make('summary'), dot = make('i', undefined, 'dot');
    const what = make('span', undefined, 'what');
    line.dataset.index = i;
    dot.style.background = `var(${colors[outcomes[jobs.outcome[i]]]})`;
    what.append(make('span', `${jobs.seq[i]}  `), link(i));
    if (jobs.reason[i]) what.append(make('span', '  ' + jobs.reason[i], isBad(jobs.outcome[i]) ? 'why' : 'time'));
    summary.append(dot, what);
    if (hasPast(i)) {
        const marks = make('span', undefined, 'past');
        marks.append(strip(i));
        summary.append(marks);
    }
    summary.append(make('span', jobs.start[i] >= 0 ? time(jobs.duration[i]) : outcomes[jobs.outcome[i]], 'time'));
    line.append(summary);
    line.addEventListener('toggle', () => {
        if (line.open && line.children.length === 1) line.append(details(i), ...outputs(i));
    });
    return line;
}

// The tables are there; those of which there is more to open become lines.
function tables() {
    for (const id of ['#failed', '#slowest'])
        document.querySelectorAll(id + ' tbody').forEach(body =>
            body.closest('div').replaceChildren(...[...body.rows].map(line => row(Number(line.dataset.job)))));
    document.querySelectorAll('tr[data-job]').forEach(drawRow);
}

function search() {
    const section = $('#search'), input = $('input', section), select = $('select', section);
    const text = [...jobs.seq.keys()].map(i => `${jobs.seq[i]} ${jobs.name[i]} ${jobs.command[i]} ${jobs.reason[i]} ${jobs.tags[i]}`.toLowerCase());
    outcomes.forEach((name, i) => {
        if (jobs.outcome.includes(i)) { const option = make('option', name); option.value = i; select.append(option); }
    });
    const show = () => {
        const words = input.value.toLowerCase().split(/\s+/).filter(Boolean), found = [];
        for (let i = 0; i < n; i++)
            if ((select.value === '' || jobs.outcome[i] === Number(select.value)) && words.every(word => text[i].includes(word)))
                found.push(i);
        $('.note', section).textContent = `${count(found.length)} of ${count(n)} jobs` + (found.length > 100 ? ', the first 100' : '');
        $('.rows', section).replaceChildren(...found.slice(0, 100).map(row));
    };
    input.addEventListener('input', show);
    select.addEventListener('change', show);
    show();
}

function metrics() {
    if (data.metrics.length === 0) return;
    const place = $('div', $('#metrics'));
    $('#metrics').hidden = false;
    for (const {job, name, points} of data.metrics) {
        const line = make('div', undefined, 'spark'), values = points.map(p => p[1]), times = points.map(p => p[0]);
        const low = Math.min(...values), range = Math.max(...values) - low || 1, first = times[0], span = times.at(-1) - first || 1;
        const svg = draw('svg', {viewBox: '0 0 120 28', preserveAspectRatio: 'none', role: 'img'});
        svg.append(draw('polyline', {fill: 'none', stroke: 'var(--ok)', 'stroke-width': 1.5,
            points: points.map(p => `${((p[0] - first) / span * 118 + 1).toFixed(1)},${(26 - (p[1] - low) / range * 24).toFixed(1)}`).join(' ')}));
        line.append(make('span', `${name} of ${job}`), svg, make('b', Number(values.at(-1).toPrecision(6))));
        place.append(line);
    }
}

// The timeline: a canvas, since there may be many thousand bars.

const view = {from: 0, to: Math.max(data.span_us, 1), lanes: [], height: 16, drag: null};

function sortLanes() {
    const bySlot = new Map();
    for (let i = 0; i < n; i++)
        if (jobs.start[i] >= 0) (bySlot.get(jobs.slot[i]) || bySlot.set(jobs.slot[i], []).get(jobs.slot[i])).push(i);
    view.lanes = [...bySlot.keys()].sort((a, b) => a - b).map(slot => bySlot.get(slot).sort((a, b) => jobs.start[a] - jobs.start[b]));
    view.height = Math.max(3, Math.min(18, Math.floor(480 / Math.max(1, view.lanes.length))));
}

function paint() {
    const canvas = $('#timeline canvas'), scale = window.devicePixelRatio || 1, width = canvas.clientWidth;
    const height = view.lanes.length * view.height + 18, context = canvas.getContext('2d');
    const x = us => (us - view.from) / (view.to - view.from) * width;
    canvas.style.height = height + 'px';
    canvas.width = width * scale;
    canvas.height = height * scale;
    context.scale(scale, scale);
    const fills = outcomes.map(name => color(name));
    view.lanes.forEach((lane, y) => {
        for (const i of lane) {
            const left = x(jobs.start[i]), right = x(jobs.start[i] + jobs.duration[i]);
            if (right < 0 || left > width) continue;
            const room = right - left > 2.5 ? 0.8 : 0;
            context.fillStyle = fills[jobs.outcome[i]];
            context.fillRect(left, y * view.height + 1, Math.max(right - left - room, 0.7), Math.max(view.height - 2, 1));
        }
    });
    context.fillStyle = color('--dim');
    context.font = '11px system-ui, sans-serif';
    const marks = Math.max(2, Math.floor(width / 130));
    for (let i = 0; i < marks; i++) {
        const at = i / (marks - 1), label = time(view.from + at * (view.to - view.from));
        context.textAlign = i === 0 ? 'left' : i === marks - 1 ? 'right' : 'center';
        context.fillText(label, at * width, height - 4);
    }
    if (view.drag) {
        context.fillStyle = color('--fill');
        context.fillRect(Math.min(view.drag.x, view.drag.now), 0, Math.abs(view.drag.now - view.drag.x), height);
    }
}

function jobAt(event) {
    const canvas = $('#timeline canvas'), box = canvas.getBoundingClientRect();
    const lane = view.lanes[Math.floor((event.clientY - box.top) / view.height)];
    const per = (view.to - view.from) / box.width, us = view.from + (event.clientX - box.left) * per;
    let best = -1;
    for (const i of lane || [])
        if (jobs.start[i] - 3 * per <= us && us <= jobs.start[i] + jobs.duration[i] + 3 * per) best = i;
    return best;
}

function zoom(from, to) {
    const whole = Math.max(data.span_us, 1), least = 10;
    view.from = Math.max(0, Math.min(from, whole - least));
    view.to = Math.min(whole, Math.max(to, view.from + least));
    paint();
}

function timeline() {
    const canvas = $('#timeline canvas'), hover = $('#hover');
    for (const name of outcomes.filter((_, i) => jobs.outcome.some((o, k) => o === i && jobs.start[k] >= 0))) {
        const mark = make('span'), dot = make('i');
        dot.style.background = `var(${colors[name]})`;
        mark.append(dot, name);
        $('#legend').append(mark);
    }
    sortLanes();
    canvas.addEventListener('pointerdown', event => { view.drag = {x: event.offsetX, now: event.offsetX}; canvas.setPointerCapture(event.pointerId); });
    canvas.addEventListener('pointermove', event => {
        if (view.drag) { view.drag.now = event.offsetX; paint(); return; }
        const i = jobAt(event);
        if (i >= 0) hover.textContent = `${jobs.seq[i]}  ${title(i)} · ${outcomes[jobs.outcome[i]]} · ${time(jobs.duration[i])}`;
    });
    canvas.addEventListener('pointercancel', () => { view.drag = null; paint(); });
    canvas.addEventListener('pointerup', event => {
        const drag = view.drag, per = (view.to - view.from) / canvas.clientWidth;
        view.drag = null;
        if (drag && Math.abs(drag.now - drag.x) > 6) {
            const ends = [drag.x, drag.now].sort((a, b) => a - b).map(at => view.from + at * per);
            zoom(...ends);
            return;
        }
        const i = jobAt(event);
        if (i >= 0) {
            const line = row(i);
            hover.replaceChildren(line);
            line.open = true;
        }
        paint();
    });
    $('#timeline .tools').addEventListener('click', event => {
        const middle = (view.from + view.to) / 2, half = (view.to - view.from) / 2;
        const how = event.target.dataset.zoom;
        if (how === 'in') zoom(middle - half / 2, middle + half / 2);
        if (how === 'out') zoom(middle - half * 2, middle + half * 2);
        if (how === 'all') zoom(0, data.span_us);
    });
    window.addEventListener('resize', () => { charts(); paint(); });
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);
    paint();
}

head();
tiles();
charts();
metrics();
tables();
search();
timeline();
panel();
document.documentElement.dataset.ready = 'yes';
