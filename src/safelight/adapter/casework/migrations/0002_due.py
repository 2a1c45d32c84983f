from django.db import migrations

from safelight.adapter.casework.projection import due_anew


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_initial")]

    operations = [migrations.RunPython(due_anew, migrations.RunPython.noop, elidable=True)]
