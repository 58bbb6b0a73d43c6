"""browser.py PAGE FOLDER: the page in headless Chromium, in a phone's and a desk's width, light and dark: nothing on the console, nothing wider than the window,
every text readable, clicked through by mouse and keyboard. Screenshots go to FOLDER. Prints "ok TEXT" or "not ok TEXT" for each check."""
import sys
from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 30  # seconds until a condition counts as never met

# Texts whose contrast with what is behind them is below 4.5 to 1 (WCAG 2.2, 1.4.3), and 3 to 1 for large ones.
FAINT = """
const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
const parse = s => s.match(/[\\d.]+/g).map(Number);
const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0.99) return c; }
	return parse(getComputedStyle(document.documentElement).colorScheme == 'dark' ? 'rgb(0,0,0)' : 'rgb(255,255,255)'); };
const faint = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
	const e = walk.currentNode.parentElement, style = getComputedStyle(e);
	if (!walk.currentNode.data.trim() || !e.getClientRects().length || e.closest('svg')) continue;
	const a = light(parse(style.color)), b = light(behind(e)), ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
	if (ratio < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) faint.push(walk.currentNode.data.trim().slice(0, 20) + ' ' + ratio.toFixed(1));
}
return faint;
"""


def check(text, good, said=""):
    print(f"ok {text}" if good else f"not ok {text}: {said}", flush=True)


class Browser:
    def __init__(self, page, folder):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars --no-first-run".split():
            options.add_argument(flag)
        options.add_argument(f"--user-data-dir={folder}/profile")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.page, self.folder = page, folder

    def look(self, width, height, scheme):
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        )
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )

    def go(self, path):
        self.driver.get(self.page + path)

    def reach(self, part):
        """A key is answered when the browser gets to it: until it has gone to an address with this part, or never seems to."""
        try:
            WebDriverWait(self.driver, PATIENCE).until(
                lambda d: part in d.current_url and d.execute_script("return document.readyState") == "complete"
            )
        except TimeoutException:
            pass  # the check behind it says what is wrong

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def title(self):
        return self.find("h1").text

    def console(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def check_page(self, name):
        wide = self.driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        check(f"{name}: nothing is wider than the window", wide <= 0, f"{wide} px")
        faint = self.driver.execute_script(FAINT)
        check(f"{name}: every text is readable", not faint, faint[:5])
        marks = self.driver.execute_script(
            "return ['html[lang]', 'header', 'nav[aria-label]', 'main#main', 'h1', 'a.skip'].filter(s => !document.querySelector(s))"
        )
        check(f"{name}: landmarks", not marks, marks)
        loose = self.driver.execute_script(
            "return document.querySelectorAll('th:not([scope]), img:not([alt]), input:not(label input), svg:not([role])').length"
        )
        check(f"{name}: cells, pictures and fields are named", loose == 0, loose)
        said = self.console()
        check(f"{name}: nothing on the console", not said, said[:3])

    def picture(self, name):
        self.driver.save_screenshot(f"{self.folder}/{name}.png")


def look_at_all(browser, item, feed):
    pages = {"overview": "/", "feeds": "/feeds", "feed": f"/feeds/{feed}", "items": "/items", "item": f"/items/{item}",
             "topics": "/topics", "topic": "/topics/cybercrime"}
    for width, height, device in ((390, 844, "phone"), (1280, 900, "desk")):
        for scheme in ("light", "dark"):
            browser.look(width, height, scheme)
            for name, path in pages.items():
                browser.go(path)
                browser.check_page(f"{name}, {device}, {scheme}")
                browser.picture(f"{name}-{device}-{scheme}")


def click_through(browser):
    browser.go("/")
    first = browser.find(".items .title")
    text = first.text
    first.click()
    check("a match leads to its item", browser.title().strip("…") in text or text.strip("…") in browser.title(), browser.title())
    check("whose words are marked", len(browser.driver.find_elements(By.CSS_SELECTOR, "mark")) > 0)
    feed = browser.find("dl a[href^='/feeds/']")
    name = feed.text
    feed.click()
    check("the item leads to its feed", name in browser.title(), browser.title())
    browser.find("main a[href^='/items?feed=']").click()
    feeds = {e.text for e in browser.driver.find_elements(By.CSS_SELECTOR, ".items .meta a[href^='/feeds/']")}
    check("and the feed to its items", feeds == {name}, feeds)
    browser.find("nav a[href='/items']").click()
    browser.find("input[name=q]").send_keys("POLICE", Keys.ENTER)
    browser.reach("q=POLICE")
    check("words are looked for", "q=POLICE" in browser.driver.current_url, browser.driver.current_url)
    check("and stay in the field", browser.find("input[name=q]").get_attribute("value") == "POLICE")
    browser.find(".items .topic").click()
    check("a topic leads to its items", "topic=" in browser.driver.current_url, browser.driver.current_url)
    browser.find("nav a[href='/feeds']").click()
    broken = browser.find("tbody th a")
    check("broken feeds come first", broken.text == "broken", broken.text)
    check("the page that one is on is told", browser.find("nav a[aria-current=page]").text == "Feeds")
    check("the bar of a feed has words", "polls" in browser.find("svg[role=img] title").get_attribute("textContent"))
    browser.find("nav a[href='/topics']").click()
    browser.find("h2 a[href^='/topics/']").click()
    check("a topic has both charts", len(browser.driver.find_elements(By.CSS_SELECTOR, "svg.chart title")) == 2)
    browser.driver.back()
    browser.driver.back()
    browser.driver.back()
    check("the way back is open", "topic=" in browser.driver.current_url, browser.driver.current_url)


def by_keyboard(browser):
    browser.go("/")
    browser.find("body").send_keys(Keys.TAB)
    skip = browser.driver.switch_to.active_element
    check("the first stop is the way past the navigation", "skip" in skip.get_attribute("class"))
    check("which is seen then", skip.rect["x"] >= 0 and skip.rect["width"] > 40, skip.rect)
    skip.send_keys(Keys.ENTER)
    browser.reach("#main")
    check("it leads to the contents", browser.driver.current_url.endswith("#main"), browser.driver.current_url)
    browser.go("/feeds")
    for _ in range(3):
        browser.driver.switch_to.active_element.send_keys(Keys.TAB)
    style = browser.driver.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
    check("what has the focus is framed", style != "none", style)


def refused_and_hostile(browser):
    browser.go("/nothing")
    check("what is not there says so", "no such page" in browser.title(), browser.title())
    browser.console()
    browser.go("/items?q=%3Cscript%3Edocument.title='x'%3C/script%3E%22%20autofocus%20onfocus=%22document.title='x'")
    check("words run nothing", browser.driver.title != "x", browser.driver.title)
    browser.driver.execute_script("const s = document.createElement('script'); s.textContent = 'document.title = \"x\"'; document.body.append(s)")
    check("nor would a script in the page", browser.driver.title != "x", browser.driver.title)


def main():
    page, folder, item, feed = sys.argv[1:5]
    browser = Browser(page, folder)
    try:
        look_at_all(browser, item, feed)
        browser.look(1280, 900, "light")
        click_through(browser)
        by_keyboard(browser)
        refused_and_hostile(browser)
    finally:
        browser.driver.quit()


main()
