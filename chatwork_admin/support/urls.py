from django.contrib import admin

urls = admin.site.urls
