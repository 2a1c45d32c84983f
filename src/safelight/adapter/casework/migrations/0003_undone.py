from django.db import migrations

from safelight.adapter.casework.projection import rebuilt


class Migration(migrations.Migration):
    """Cases say what of them was undone (`Case.undone`). A later one that changes columns takes this call over."""

    dependencies = [("casework", "0002_due")]

    operations = [migrations.RunPython(rebuilt, migrations.RunPython.noop, elidable=True)]
