"""Makes a personal token of the API for a login, as a person does on the account's page; prints it."""

import re
import sys
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar, DefaultCookiePolicy


class Loopback(DefaultCookiePolicy):
    """A browser sends Secure cookies to this machine itself without TLS; Python's jar has to be told."""

    def return_ok_secure(self, cookie, request):
        return True


base, email, password = sys.argv[1:4]
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar(Loopback())))


def token_of(page):
    return re.search(r'name="token" value="([^"]+)"', page).group(1)


def post(path, fields):
    return opener.open(base + path, urllib.parse.urlencode(fields).encode()).read().decode()


page = opener.open(base + "/login").read().decode()
page = post("/login", {"token": token_of(page), "email": email, "password": password})
page = opener.open(base + "/account").read().decode()
page = post("/account/tokens", {"token": token_of(page), "name": "schemathesis", "days": "1", "writes": "on"})
print(re.search(r"curtail_[A-Za-z0-9_-]{43}", page).group(0))
