"""Opens the gradebook with sqlite3, reads the scores and writes a better one."""
import sqlite3

database = TARGETS["gradebook"]
attempt("read the gradebook", lambda: sqlite3.connect(f"file:{database}?mode=ro", uri=True).execute("select name from sqlite_master").fetchall())
attempt("read it as immutable", lambda: sqlite3.connect(f"file:{database}?immutable=1", uri=True).execute("select * from grade").fetchall())
attempt("attach it", lambda: sqlite3.connect(":memory:").execute("attach database ? as g", (database,)).fetchall() or sqlite3.connect(database).execute("pragma user_version").fetchall())
def give_points():
    connection = sqlite3.connect(database)
    connection.execute("create table better (score)")
    connection.commit()
attempt("write the gradebook", give_points)
