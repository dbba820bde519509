"""What a function says when it raises, out of its source and that of what it calls.   Usage: knowledge_errors_test.py ROOT."""
import importlib
import os
import sys
import textwrap
import unittest

from knowledge_case import Case

from knowledge_errors import MOST_NEAR, errors_of, keep_nearest


class Errors(Case):
    def setUp(self):
        super().setUp()
        sys.path.insert(0, self.folder)
        self.addCleanup(sys.path.remove, self.folder)

    def package(self, **modules):
        """A package of these modules, imported; another name for each test, so that none is known from before."""
        name = "said_" + self._testMethodName[5:]
        os.makedirs(os.path.join(self.folder, name))
        for module, text in {"__init__": "", **modules}.items():
            with open(os.path.join(self.folder, name, module + ".py"), "w", encoding="utf-8") as file:
                file.write(textwrap.dedent(text).replace("PACKAGE", name))
        return importlib.import_module(name + ".top")

    def test_those_of_another_file_by_the_calls_between(self):
        top = self.package(top="""
            from PACKAGE import below
            from PACKAGE.below import check as checked
            def smooth(x, n):
                checked(x)
                below.width(n)
                if n < 0:
                    raise ValueError(f"n is {n}, and not positive")
            """, below="""
            import json
            def check(x):
                json.loads(x)
                deep()
                raise TypeError("x is no row of numbers")
            def width(n):
                import warnings
                warnings.warn("n is rather wide", RuntimeWarning)
            def deep():
                raise KeyError("two calls away")
            """)
        self.assertEqual(errors_of(top.smooth),
                         [["ValueError n is , and not positive"],
                          ["n is rather wide RuntimeWarning", "TypeError x is no row of numbers"],
                          ["KeyError two calls away"]])

    def test_of_what_is_handed_on_imported_inside_or_made_on_the_way(self):
        top = self.package(top="""
            from functools import partial
            import PACKAGE.below
            def smooth(x):
                from .below import check
                check(x)
                run = Smoother(x)
                run.go()
                return partial(scored, x)
            def scored(x):
                raise ValueError("no score")
            class Base:
                def go(self):
                    raise ValueError("from the base")
            class Smoother(Base):
                def __init__(self, x):
                    raise ValueError("not made")
                def go(self):
                    super().go()
                    self.aside.more()
                def unasked(self):
                    raise ValueError("never called")
            """, below="""
            def check(x):
                raise TypeError("no row")
            """)
        own, one, two = errors_of(top.smooth)
        self.assertEqual(own, [])
        self.assertEqual(sorted(one), ["TypeError no row", "ValueError no score", "ValueError not made"])
        self.assertEqual(two, ["ValueError from the base"])

    def test_those_of_methods_of_a_class_also_inherited_ones(self):
        top = self.package(top="""
            from PACKAGE.base import Base
            class Smoother(Base):
                def __init__(self, n):
                    self.n = self._checked(n)
                def _checked(self, n):
                    raise ValueError("n is odd")
                def other(self):
                    raise ValueError("of another method")
                @property
                def width(self):
                    raise ValueError("of a property")
            """, base="""
            class Base:
                def fit(self, x):
                    raise ValueError("x is empty")
            """)
        own, one, two = errors_of(top.Smoother)
        self.assertEqual((own, two), (["ValueError x is empty"], []))
        self.assertEqual(sorted(one), ["ValueError n is odd", "ValueError of a property", "ValueError of another method"])

    def test_none_of_other_packages_and_no_end_where_functions_call_each_other(self):
        top = self.package(top="""
            import json
            def there(x):
                json.loads(x)
                back(x)
                raise ValueError("there")
            def back(x):
                there(x)
                raise ValueError("back")
            """)
        self.assertEqual(errors_of(top.there), [["ValueError there"], ["ValueError back"], []])

    def test_what_has_no_source_says_nothing(self):
        self.assertEqual(errors_of(len), [[], [], []])
        self.assertEqual(errors_of(dict), [[], [], []])

    def test_what_answers_with_exceptions_says_nothing(self):
        class Meta(type):
            def __getattribute__(cls, name):
                raise RuntimeError(name)

        class Hostile(metaclass=Meta):
            pass

        self.assertEqual(errors_of(Hostile), [[], [], []])

    def test_a_message_belongs_to_the_nearest_and_to_none_where_any_function_has_it(self):
        many = [{"errors": [[], ["seldom", "everywhere"], []]} for _ in range(MOST_NEAR)]
        objects = [{"errors": [["seldom"], [], ["usual"]]}, {"errors": []}, *many, {"errors": [["usual"], ["everywhere"], []]}]
        keep_nearest(objects)
        self.assertEqual(objects[0], {"errors": ["seldom"], "messages": [["seldom", 0], ["usual", 2]]})
        self.assertEqual(objects[1], {"errors": [], "messages": []})
        self.assertEqual(objects[2]["messages"], [])
        self.assertEqual(objects[-1], {"errors": ["usual"], "messages": [["usual", 0]]})


if __name__ == "__main__":
    unittest.main()
