from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]

    operations = [
        # Banks that were made without local features stay without until somebody asks for them.
        migrations.AddField("bank", "local", models.BooleanField(default=False), preserve_default=False),
    ]
