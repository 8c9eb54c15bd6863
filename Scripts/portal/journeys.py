"""The journeys of the portal's users in a real browser; called by Scripts/portal-browser."""

import argparse
import pathlib
import re
import sys
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

AXE_RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']}"


class Walk:
    """One browser with one width, one colour scheme, with or without scripts."""

    def __init__(self, base, axe, shots, width, dark, scripts):
        self.base, self.axe, self.shots = base, axe, shots
        self.name = f"{width}-{'dark' if dark else 'light'}{'' if scripts else '-noscript'}"
        self.width, self.scripts = width, scripts
        self.faults, self.pages = [], 0
        options = webdriver.ChromeOptions()
        for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars",
                     "--force-device-scale-factor=1"):
            options.add_argument(flag)
        if dark:
            options.add_argument("--force-dark-mode")
        options.add_argument("--blink-settings=preferredColorScheme=" + ("0" if dark else "1"))
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_page_load_timeout(60)
        # A headless window has a least width: the size of the page is emulated instead.
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
        if not scripts:
            self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})

    def close(self):
        self.driver.quit()

    def fault(self, text):
        self.faults.append(f"{self.name} {self.where()}: {text}")

    def where(self):
        return self.driver.current_url.removeprefix(self.base) or "/"

    def go(self, path, shot=None, wait=None):
        self.driver.get(self.base + path)
        if wait and self.scripts:
            deadline = time.monotonic() + 15
            while not self.driver.find_elements(By.CSS_SELECTOR, wait):
                if time.monotonic() > deadline:
                    self.fault(f"{wait} did not appear")
                    break
                time.sleep(0.1)
        self.check(shot)

    def check(self, shot=None, refused=False):
        self.pages += 1
        if self.driver.find_elements(By.CSS_SELECTOR, "p.code"):
            self.fault("a problem: " + self.driver.find_element(By.TAG_NAME, "main").text.replace("\n", " ")[:200])
        if not self.driver.find_elements(By.TAG_NAME, "h1"):
            self.fault("no heading")
        for line in self.driver.get_log("browser"):
            # A refused form is answered with its status, which the browser repeats on the console.
            if refused and "the server responded with a status of 4" in line["message"]:
                continue
            self.fault(f"console: {line['message'][:300]}")
        if self.scripts:
            self.look()
        if shot:
            height = min(self.driver.execute_script("return document.documentElement.scrollHeight"), 4000) if self.scripts else 1400
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
                "width": self.width, "height": max(height, 700), "deviceScaleFactor": 1, "mobile": self.width < 600})
            self.driver.save_screenshot(str(self.shots / f"{shot}-{self.name}.png"))
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
                "width": self.width, "height": 900, "deviceScaleFactor": 1, "mobile": self.width < 600})

    def look(self):
        script = self.driver.execute_script
        wide = script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            self.fault(f"{wide} px wider than the window")
        bare = script("""return [...document.querySelectorAll('input:not([type=hidden]):not([hidden]),select,textarea')]
            .filter(e => !e.labels?.length && !e.getAttribute('aria-label')).map(e => e.name)""")
        if bare:
            self.fault(f"without a label: {bare}")
        script(self.axe)
        answer = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1]; axe.run(document, " + AXE_RULES + ")"
            ".then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).slice(0, 3).join(' | '))))"
            ".catch(e => done(['axe failed: ' + e]))")
        for violation in answer:
            self.fault(f"axe {violation[:400]}")

    # What people do

    def field(self, name, value):
        element = self.driver.find_element(By.NAME, name)
        element.clear()
        element.send_keys(value)

    def press(self, text):
        """Presses the button with this text, by keyboard: Enter on a focused element."""
        for button in self.driver.find_elements(By.CSS_SELECTOR, "main button, main a.button"):
            if button.text.strip() == text and button.is_displayed():
                old = self.driver.find_element(By.TAG_NAME, "html")
                button.send_keys(Keys.ENTER)
                self.left(old)
                return
        self.fault(f"no button '{text}'")

    def left(self, old):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                old.is_enabled()
            except Exception:
                return
            time.sleep(0.05)
        self.fault("the page did not change")

    def login(self, email, password):
        self.driver.delete_all_cookies()
        self.driver.get(self.base + "/login")
        self.field("email", email)
        old = self.driver.find_element(By.TAG_NAME, "html")
        password_field = self.driver.find_element(By.NAME, "password")
        password_field.send_keys(password + Keys.ENTER)
        self.left(old)
        if self.where() != "/dashboard":
            self.fault("no login: " + self.driver.find_element(By.TAG_NAME, "main").text[:200])

    def first(self, selector):
        links = self.driver.find_elements(By.CSS_SELECTOR, selector)
        return links[0].get_attribute("href").removeprefix(self.base) if links else None


def public(walk):
    walk.driver.delete_all_cookies()
    walk.go("/", "landing")
    walk.go("/register", "register")
    walk.field("email", "not an address")
    walk.field("password", "short")
    walk.press("Create the account")
    walk.check("register-errors", refused=True)
    walk.go("/login", "login")
    walk.field("email", "nobody@example.org")
    walk.field("password", "wrong")
    walk.press("Log in")
    walk.check("login-wrong", refused=True)
    walk.go("/password/forgot")
    walk.go("/api/docs", "api-docs")


def imports(walk, role):
    """A file with one bad row: looked at, imported without that row, taken back."""
    walk.go("/imports", f"{role}-imports")
    meters = Select(walk.driver.find_element(By.NAME, "meter"))
    if len(meters.options) < 2:
        walk.fault("no meter to import for")
        return
    meters.select_by_index(1)
    rows = [f"2025-03-01T{hour:02}:{minute:02}:00Z,{'x' if hour == 1 and minute == 0 else 0.25}"
            for hour in range(5) for minute in (0, 15, 30, 45)]
    file = walk.shots / f"{role}-{walk.name}-{int(time.time() * 1000)}.csv"
    # Another comment in each file: the same one is not imported twice.
    file.write_text("time,kWh\n" + "\n".join(rows) + f"\n2025-03-02T00:00:00Z,{time.time() % 1000:.3f}\n")
    walk.driver.find_element(By.NAME, "file").send_keys(str(file.resolve()))
    walk.press("Look at it")
    walk.check(f"{role}-import-preview")
    file.unlink()
    walk.driver.find_element(By.NAME, "skip").send_keys(Keys.SPACE)
    walk.press("Import 20 values")
    deadline = time.monotonic() + 30
    while "done" not in walk.driver.find_element(By.TAG_NAME, "main").text and time.monotonic() < deadline:
        time.sleep(0.5)
        walk.driver.refresh()
    walk.check(f"{role}-job")
    link = walk.first("main a.button")
    if not link:
        walk.fault("the file was not imported")
        return
    walk.go(link, f"{role}-import")
    take_back(walk)
    walk.check()
    if "undone" not in walk.driver.find_element(By.TAG_NAME, "main").text:
        walk.fault("the import was not taken back")


def take_back(walk):
    for button in walk.driver.find_elements(By.CSS_SELECTOR, "button.danger"):
        old = walk.driver.find_element(By.TAG_NAME, "html")
        button.send_keys(Keys.ENTER)
        if walk.scripts:
            walk.driver.switch_to.alert.accept()
        walk.left(old)
        break


def edit(walk, role):
    """A reading is changed, and the change undone."""
    walk.go("/meters")
    meter = walk.first("tbody th a")
    walk.go(meter + "/readings")
    link = walk.first("tbody td a")
    if not link:
        walk.fault("no reading to change")
        return
    walk.go(link, f"{role}-reading-edit")
    walk.field("kwh", "1.234")
    walk.field("reason", "a test")
    walk.press("Change it")
    walk.check(f"{role}-reading-changed")
    if "1.234" not in walk.driver.find_element(By.TAG_NAME, "main").text:
        walk.fault("the reading was not changed")
    walk.press("Undo")
    walk.check()


def common(walk, role):
    walk.go("/dashboard", f"{role}-dashboard")
    walk.go("/meters", f"{role}-meters")
    meter = walk.first("tbody th a")
    if meter:
        walk.go(meter, f"{role}-meter", wait="#plot.drawn canvas")
        walk.go(meter + "?compare=week")
        walk.go(meter + "/readings", f"{role}-readings")
    walk.go("/events", f"{role}-events")
    event = walk.first("tbody th a")
    if event:
        walk.go(event, f"{role}-event")
    walk.go("/calendar", f"{role}-calendar")
    walk.go("/programs")
    walk.go("/rewards", f"{role}-rewards")
    reward = walk.first("tbody td:last-child a")
    if reward:
        walk.go(reward, f"{role}-reward")
    walk.go("/audit", f"{role}-audit")
    walk.go("/account", f"{role}-account")


def resident(walk):
    common(walk, "resident")
    walk.go("/account")
    # A walk before this one may have begun it: then the key is there already.
    if not walk.driver.find_elements(By.ID, "code"):
        walk.press("Set it up")
    walk.check("resident-second-factor")
    if not walk.driver.find_elements(By.ID, "code"):
        walk.fault("no key for a second factor")
    imports(walk, "resident")
    edit(walk, "resident")


def organization(walk):
    common(walk, "organization")
    walk.go("/organization", "organization-people")
    walk.field("email", f"colleague-{int(time.time() * 1000)}@example.org")
    walk.press("Invite")
    walk.check("organization-invited")


def operator(walk):
    common(walk, "operator")
    walk.go("/vens", "operator-vens")
    ven = walk.first("tbody th a")
    if ven:
        walk.go(ven, "operator-ven")
        walk.press("Call it for a test event")
        walk.check("operator-test-event")
        if "test" not in walk.where():
            walk.fault("the VEN was not called for a test")
    walk.go("/events")
    for link in walk.driver.find_elements(By.CSS_SELECTOR, "tbody th a"):
        if link.text.startswith("demo-"):
            address = link.get_attribute("href").removeprefix(walk.base)
            walk.go(address, "operator-demo-event")
            walk.go(address + "/messages", "operator-messages")
            break
    walk.go("/jobs", "operator-jobs")
    walk.go("/system", "operator-system")
    walk.go("/events/new", "operator-event-new")
    for box in walk.driver.find_elements(By.CSS_SELECTOR, "input[name=ven]")[:3]:
        box.send_keys(Keys.SPACE)
    walk.press("Look before you publish")
    walk.check("operator-event-preview")
    walk.press("Publish")
    walk.check("operator-event-live")
    if "/events/" not in walk.where():
        walk.fault("the event was not published")
    minutes = walk.driver.find_element(By.NAME, "minutes")
    minutes.clear()
    minutes.send_keys("90")
    walk.press("Publish the change")
    walk.check()
    if "1 h 30 min" not in walk.driver.find_element(By.TAG_NAME, "main").text:
        walk.fault("the event was not changed")
    take_back(walk)
    walk.check("operator-event-cancelled")
    if "cancelled" not in walk.driver.find_element(By.TAG_NAME, "main").text:
        walk.fault("the event was not cancelled")


def distributor(walk):
    common(walk, "distributor")
    walk.go("/admin", "distributor-admin")
    walk.go("/organization?all=yes", "distributor-people")
    walk.go("/meters")
    meter = walk.first("tbody th a")
    if meter:
        walk.go(meter, "distributor-assign", wait="#plot.drawn canvas")
        if not walk.driver.find_elements(By.ID, "owner"):
            walk.fault("no form that assigns the meter")
    walk.go("/meters")
    name = f"made-{int(time.time() * 1000)}"
    inputs = walk.driver.find_elements(By.ID, "new-name")
    if inputs:
        inputs[0].send_keys(name)
        Select(walk.driver.find_element(By.ID, "new-minutes")).select_by_value("15")
        walk.press("Make it")
        walk.check("distributor-meter-made")
        if name not in walk.driver.find_element(By.TAG_NAME, "main").text:
            walk.fault("the meter was not made")


def analyst(walk):
    common(walk, "analyst")
    walk.go("/vens")
    walk.go("/system")
    walk.driver.get(walk.base + "/events/new")
    if not walk.driver.find_elements(By.CSS_SELECTOR, "p.code"):
        walk.fault("an analyst may call events")
    walk.driver.get_log("browser")


def glance(walk, role):
    """The short form: the pages that everything hangs on."""
    walk.go("/dashboard", f"{role}-dashboard")
    walk.go("/meters")
    meter = walk.first("tbody th a")
    if meter:
        walk.go(meter, f"{role}-meter", wait="#plot.drawn canvas")
    walk.go("/events")
    event = walk.first("tbody th a")
    if event:
        walk.go(event, f"{role}-event")


JOURNEYS = [("Resident", resident), ("Organization admin", organization), ("Utility operator", operator),
            ("Distributor admin", distributor), ("Analyst", analyst)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", type=pathlib.Path, required=True)
    parser.add_argument("--axe", type=pathlib.Path, required=True)
    parser.add_argument("--screenshots", type=pathlib.Path, required=True)
    parser.add_argument("--short", action="store_true", help="the main pages of each role, at 360 pixels in the dark")
    parser.add_argument("--only", help="one of the walks, such as 360-dark")
    options = parser.parse_args()
    text = options.log.read_text()
    base = re.search(r"the portal: (\S+)", text).group(1)
    logins = {role: (email, password) for role, email, password in re.findall(r"log in as ([A-Za-z ]+): (\S+) (\S+)", text)}
    walks = [(1280, False, True), (360, True, True), (1280, True, True), (360, False, True), (360, False, False)]
    if options.short:
        walks = [(360, True, True)]
    faults, pages = [], 0
    for width, dark, scripts in walks:
        name = f"{width}-{'dark' if dark else 'light'}{'' if scripts else '-noscript'}"
        if options.only and options.only != name:
            continue
        started = time.monotonic()
        walk = Walk(base, options.axe.read_text(), options.screenshots, width, dark, scripts)
        try:
            if options.short:
                walk.driver.delete_all_cookies()
                walk.go("/", "landing")
            else:
                public(walk)
            for role, journey in JOURNEYS:
                if role not in logins:
                    walk.fault(f"no login of {role}")
                    continue
                walk.login(*logins[role])
                if options.short:
                    glance(walk, role.split()[0].lower())
                else:
                    journey(walk)
        except Exception as problem:  # The rest of the walks still says something.
            walk.fault(f"{type(problem).__name__}: {str(problem).splitlines()[0][:300]}")
        finally:
            walk.close()
        faults += walk.faults
        pages += walk.pages
        print(f"{walk.name}: {walk.pages} pages, {len(walk.faults)} faults, {time.monotonic() - started:.0f} s", flush=True)
    for fault in faults:
        print("fault:", fault)
    print(f"{pages} pages, {len(faults)} faults, screenshots in {options.screenshots}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
