"""A test with a folder of data of its own."""
import os
import shutil
import tempfile
import unittest


class FolderCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.out = os.path.join(self.folder, "out")
        self.data = os.path.join(self.folder, "data")
        os.mkdir(self.out)
        os.mkdir(self.data)

    def path(self, name):
        path = os.path.join(self.data, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def write(self, name, text):
        with open(self.path(name), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
