"""Addresses of the data."""

from django.urls import path, register_converter

from kb.exports import views


class FileName:
    """The name of a file: letters, and an ending."""

    regex = r"[a-z]+\.[a-z.]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class MatrixFileName(FileName):
    regex = r"matrix\.[a-z.]+"


register_converter(FileName, "file")
register_converter(MatrixFileName, "matrix")

app_name = "exports"
urlpatterns = [
    path("", views.home, name="home"),
    path("versions/", views.version_list, name="versions"),
    path("versions/<int:number>/", views.version, name="version"),
    path("versions/<int:number>/<file:name>", views.version_file, name="version_file"),
    path("<slug:name>/", views.table, name="table"),
    path("<matrix:name>", views.matrix, name="matrix"),
    path("<file:name>", views.file, name="file"),
]
