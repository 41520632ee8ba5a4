#!/usr/bin/env python3
"""Runs the recipes of docs/ci.md as they are written: recipes.py CPPROF [NAME ...]

Each runs twice in a clone of a small repository: with the code of its main branch, where it has to pass,
and with code that works four times as long, where the gate has to fail. A recipe is the fenced block after
a comment `<!-- recipe: NAME -->`; of a YAML file, the steps that a runner would give to a shell. Status 77, with words: what a recipe needs is not here.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DOC = ROOT / 'docs' / 'ci.md'
GO_RUN = 'go test -run="^$" -bench=. -benchtime=100x -cpuprofile="$CPPROF_OUT" . >/dev/null'


def recipes():
    found = re.findall(r'<!-- recipe: (\S+) -->\n```\w+\n(.*?)```', DOC.read_text(), re.S)
    return dict(found)


def environment(top, cpprof):
    tools = top / 'bin'
    tools.mkdir()
    (tools / 'cpprof').symlink_to(cpprof)
    return harness.environment(
        PATH=f'{tools}:{os.environ["PATH"]}', HOME=str(top), GOFLAGS='-mod=mod', GOPROXY='off', GOCACHE=os.environ.get('GOCACHE') or str(top / 'cache'),
        # without preemption by signals, which on a busy machine is a good part of a profile
        GODEBUG='asyncpreemptoff=1', GITHUB_BASE_REF='main', GITHUB_STEP_SUMMARY=str(top / 'summary.md'),
        CI_MERGE_REQUEST_TARGET_BRANCH_NAME='main')


def shell(script, cwd, env, program='sh'):
    """As CI runs a step: ends with the first command that fails."""
    done = subprocess.run([program, '-e', '-c', script] if program else script, cwd=cwd, env=env, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def git(cwd, env, *words):
    subprocess.run(['git', '-c', 'user.name=t', '-c', 'user.email=t@example.com', *words], cwd=cwd, env=env,
                   check=True, capture_output=True)


def make_repository(top, env, language, slow):
    """top/origin, and its clone top/repo, where the code may be slower."""
    origin, repo = top / 'origin', top / 'repo'
    shutil.copytree(HERE / 'example' / language, origin)
    git(origin, env, 'init', '-q', '-b', 'main')
    git(origin, env, 'add', '-A')
    git(origin, env, 'commit', '-qm', 'main')
    git(top, env, 'clone', '-q', str(origin), str(repo))
    if slow:
        make_slow(repo)
        git(repo, env, 'commit', '-qam', 'slower')
    return repo


def make_slow(repo):
    for name in 'work.go', 'bench.cc':
        if (repo / name).exists():
            text = (repo / name).read_text()
            (repo / name).write_text(text.replace('rounds = 20', 'rounds = 80'))


def steps(name, text):
    """What a shell is given, block by block."""
    if name == 'github':
        return [step['run'] for job in yaml.safe_load(text)['jobs'].values() for step in job['steps'] if 'run' in step]
    if name == 'gitlab':
        return ['\n'.join(yaml.safe_load(text)['gate']['script'])]
    return [text]


def run_blocks(name, text, repo, env):
    program = 'bash' if name in ('github', 'gitlab') else 'sh'
    log = ''
    for block in steps(name, text):
        status, out = shell(block, repo, env, program)
        log += out
        if status:
            return status, log
    return 0, log


def run_script(text, repo, env, top):
    """The plain script compares two programs that write a profile."""
    script = top / 'gate.sh'
    script.write_text(text)
    for side, directory in ('old', top / 'origin'), ('new', repo):
        shell(f'go test -c -o {top}/{side}.test .', directory, env)
        (top / side).write_text(f'#!/bin/sh\ncd {directory} && exec {top}/{side}.test -test.run="^$" -test.bench=. '
                                f'-test.benchtime=100x -test.cpuprofile="$1" >/dev/null\n')
        (top / side).chmod(0o755)
    return shell(f'sh {script} {top}/old {top}/new', repo, env)


def run_baseline(write, read, repo, env, slow):
    status, log = shell(write, repo, env)
    if status:
        return 100 + status, log
    if slow:
        make_slow(repo)
    status, out = shell(read, repo, env)
    return status, log + out


def run_action(repo, env, top, base='main', **inputs):
    """As GitHub's runner does: inputs and their defaults become the step's environment."""
    action = yaml.safe_load((ROOT / 'action.yml').read_text())
    given = {name: inputs.get(name, i.get('default', '')) for name, i in action['inputs'].items()}
    step, = action['runs']['steps']
    def fill(text):
        text = text.replace('${{ inputs.base || github.base_ref }}', base)
        return re.sub(r'\$\{\{ inputs\.(\w+) \}\}', lambda m: given[m[1]], text)
    temp = tempfile.mkdtemp(dir=top)
    return shell(step['run'], repo, {**env, **{k: fill(v) for k, v in step['env'].items()}, 'RUNNER_TEMP': temp,
                                     'GITHUB_ACTION_PATH': str(ROOT)}, step['shell'])


def run_notes(repo, env, top):
    """A baseline that the main branch writes, read by a branch; before it is there, as was asked for."""
    inputs = {'run': GO_RUN, 'rounds': '5', 'baseline': 'notes'}
    for soft, want in ('false', 3), ('true', 0):
        status, log = run_action(repo, env, top, soft=soft, **inputs)
        if status != want or 'no baseline' not in log:
            return 90 + status, log
    git(top, env, 'clone', '-q', str(top / 'origin'), str(top / 'main'))
    status, log = run_action(top / 'main', env, top, base='', **inputs)
    return run_action(repo, env, top, **inputs) if status == 0 else (80 + status, log)


def run_component(repo, env):
    spec, jobs = yaml.safe_load_all((ROOT / 'templates' / 'gate' / 'template.yml').read_text())
    given = {name: i.get('default', '') for name, i in spec['spec']['inputs'].items()} | {'run': GO_RUN}
    job, = jobs.values()
    values = {k: re.sub(r'\$\[\[ inputs\.(\w+) \]\]', lambda m: given[m[1]], str(v)) for k, v in job['variables'].items()}
    return shell('\n'.join(job['script']), repo, {**env, **values}, 'bash')


def missing(name):
    """What the recipe needs and this machine does not have; or nothing."""
    if name != 'gperftools':
        return ''
    with tempfile.TemporaryDirectory() as top:
        done = subprocess.run(['c++', '-x', 'c++', '-', '-o', f'{top}/a.out', '-Wl,--no-as-needed', '-lprofiler'],
                              input='int main() {}', text=True, capture_output=True)
    return '' if done.returncode == 0 else 'programs can\'t be linked with -lprofiler (libgoogle-perftools-dev)'


def lost_artifact(name, recipe, top, repo):
    """The page is written, uploaded, and named where a reader of the verdict sees it; or what is missing."""
    if name == 'github':
        upload = next(step for step in recipe['jobs']['gate']['steps'] if step.get('uses', '').startswith('actions/upload-artifact'))
        artifact, paths, named = upload['with']['name'], [upload['with']['path']], (top / 'summary.md').read_text().split('### cpprof gate')[-1]
        if upload['if'] != 'always()' or f'**{artifact}**' not in named:
            return 'the artifact is not named\n'
    else:
        artifacts = recipe['gate']['artifacts']
        artifact, paths = artifacts['expose_as'], artifacts['paths']
    pages = [repo / path for path in paths if (repo / path).exists()]
    return '' if artifact and pages and '<!DOCTYPE html>' in pages[0].read_text()[:100] else 'no page\n'


def run(name, texts, slow, cpprof):
    with tempfile.TemporaryDirectory() as directory:
        top = pathlib.Path(directory)
        env = environment(top, cpprof)
        repo = make_repository(top, env, 'cc' if name == 'gperftools' else 'go', slow and name != 'baseline')
        if name == 'baseline':
            status, log = run_baseline(texts['baseline-write'], texts['baseline-read'], repo, env, slow)
        elif name == 'action':
            status, log = run_action(repo, env, top, run=GO_RUN)
        elif name == 'action-notes':
            status, log = run_notes(repo, env, top)
        elif name == 'component':
            status, log = run_component(repo, env)
        elif name == 'script':
            status, log = run_script(texts[name], repo, env, top)
        else:
            status, log = run_blocks(name, texts[name], repo, env)
        if name in ('github', 'action'):
            summary = top / 'summary.md'
            if not summary.exists() or '### cpprof gate' not in summary.read_text():
                return 99, log + 'no step summary\n'
        if name == 'action' and slow and not re.search(r'^::error file=\w+\.go,line=', log, re.M):
            return 99, log + 'no annotation of a file of the repository\n'
        if name in ('gitlab', 'component') and '<testsuites>' not in (repo / 'gate.xml').read_text():
            return 99, log + 'no JUnit report\n'
        if name in ('github', 'gitlab'):
            lost = lost_artifact(name, yaml.safe_load(texts[name]), top, repo)
            if lost:
                return 99, log + lost
        return status, log


def main():
    cpprof, *names = sys.argv[1:]
    texts = recipes()
    failures = skipped = 0
    for name in names or ['go', 'go-by-hand', 'gperftools', 'script', 'github', 'gitlab', 'baseline', 'action', 'action-notes', 'component']:
        if missing(name):
            print(f'skipped: {name}: {missing(name)}', flush=True)
            skipped += 1
            continue
        for slow in False, True:
            status, log = run(name, texts, slow, pathlib.Path(cpprof).resolve())
            fine = status == int(slow) and ('heavyComputation' in log or not slow)
            print(f'{"ok" if fine else "FAILED"}: {name}, {"slower" if slow else "the same"} code: exit {status}', flush=True)
            if not fine:
                failures += 1
                print(log)
    sys.exit(1 if failures else 77 if skipped else 0)


main()
