"""Prints HTML, scripts, Markdown images and XML that would break out of a report."""
# base: solution
print("<script>fetch('http://192.0.2.1/')</script><img src=x onerror=alert(1)></pre></div></failure></testsuite>]]>")
print("![x](http://192.0.2.1/x.png) [link](javascript:alert(1)) `code` | table | $x$ <!-- -->")


class Rich:
    def _repr_html_(self):
        return "<script>alert(1)</script>"


display(Rich())
raise KeyError("</failure>]]><script>")
