"""Addresses of pictures."""

from django.urls import path

from kb.figures import views

app_name = "figures"
urlpatterns = [
    path("matrix.svg", views.matrix_svg, name="svg"),
    path("matrix.png", views.matrix_png, name="png"),
    path("poster.svg", views.poster_svg, name="poster"),
    path("poster.pdf", views.poster_pdf, name="poster_pdf"),
]
