"""Addresses of what is made to be printed."""

from django.urls import path

from kb.handouts import views

app_name = "handouts"
urlpatterns = [
    path("handout/", views.handout, name="handout"),
    path("handout.pdf", views.handout_pdf, name="pdf"),
]
